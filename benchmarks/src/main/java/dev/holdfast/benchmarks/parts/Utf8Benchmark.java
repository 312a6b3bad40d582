package dev.holdfast.benchmarks.parts;

import dev.holdfast.internal.frame.Utf8Meter;
import dev.holdfast.internal.frame.Utf8Validator;
import okio.Buffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Benchmarks of the check that a received text is UTF-8, and of measuring one that is to be sent. */
@State(Scope.Thread)
public class Utf8Benchmark {
    /** Words of scripts with one, two, three and four bytes per character. */
    @Param({"price", "цена", "価格", "🙂"})
    public String word = "";

    @Param({"256", "16384"})
    public int bytes;

    private final Utf8Validator validator = new Utf8Validator();
    private final Buffer text = new Buffer();
    private final Utf8Meter meter = new Utf8Meter();
    private String string = "";

    /** Prepares the benchmark for JMH. */
    @Setup
    public void prepare() {
        while (text.size() < bytes) text.writeUtf8(word);
        string = text.snapshot().utf8();
    }

    /** Checks the whole text. */
    @Benchmark
    public boolean check() {
        return validator.check(text, 0);
    }

    /** Measures the whole text. */
    @Benchmark
    public long measure() {
        return meter.isAscii(string) ? string.length() : meter.lengthOf(string);
    }
}
