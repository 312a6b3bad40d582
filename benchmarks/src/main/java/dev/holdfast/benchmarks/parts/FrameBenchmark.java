package dev.holdfast.benchmarks.parts;

import dev.holdfast.benchmarks.wire.Frames;
import dev.holdfast.benchmarks.wire.Payloads;
import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.frame.Opcode;
import java.io.IOException;
import java.security.SecureRandom;
import okio.Buffer;
import okio.ByteString;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A benchmark of one frame into a buffer, with and without its mask, and out of one. */
@State(Scope.Thread)
public class FrameBenchmark {
    @Param({"32", "256", "16384", "1048576"})
    public int bytes;

    private final FrameBuffer out = new FrameBuffer();
    private final FrameWriter masking = new FrameWriter(out, new MaskingKeys(new SecureRandom()));
    private final FrameWriter plain = new FrameWriter(out, null);
    private String text = "";
    private ByteString binary = ByteString.EMPTY;
    private FrameReader reader = new FrameReader(new EndlessInput(), false, false);
    private final Buffer payload = new Buffer();

    /** Prepares the benchmark for JMH. */
    @Setup
    public void prepare() {
        text = Payloads.text(bytes);
        binary = ByteString.encodeUtf8(text);
        byte[] frame = Frames.unmasked(Frames.BINARY, binary.toByteArray());
        reader = new FrameReader(new EndlessInput(frame), false, false);
    }

    /** Encodes a binary frame as a client sends it. */
    @Benchmark
    public long encodeBinaryMasked() {
        return encodeBinary(masking);
    }

    /** Encodes a binary frame without a mask: the difference is the cost of masking, including the keys. */
    @Benchmark
    public long encodeBinaryUnmasked() {
        return encodeBinary(plain);
    }

    /** Encodes a text frame as a client sends it, including the conversion of the text to UTF-8. */
    @Benchmark
    public long encodeTextMasked() {
        masking.writeText(text, bytes);
        return taken();
    }

    private long encodeBinary(FrameWriter writer) {
        writer.writeFrame(true, Opcode.BINARY, binary, 0, bytes);
        return taken();
    }

    private long taken() {
        long size = out.size();
        out.clear();
        return size;
    }

    /** Decodes a frame as a server sends it, from a stream that copies it as a socket would. */
    @Benchmark
    public long decode() throws IOException {
        if (!reader.readHeader()) throw new IOException("no frame");
        while (reader.remaining() > 0) reader.readPayload(payload);
        long size = payload.size();
        payload.clear();
        return size;
    }
}
