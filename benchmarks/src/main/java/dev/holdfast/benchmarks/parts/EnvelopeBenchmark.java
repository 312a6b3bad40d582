package dev.holdfast.benchmarks.parts;

import dev.holdfast.benchmarks.wire.Payloads;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.resume.ResumeProtocol;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionProtocol;
import java.nio.charset.StandardCharsets;
import okio.ByteString;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A benchmark of writing and reading the envelopes of {@code resume.v1.json}. */
@State(Scope.Thread)
public class EnvelopeBenchmark {
    private static final String ACK = "{\"t\":\"ack\",\"c\":123456789}";

    /** The size of the application's JSON. */
    @Param({"32", "256", "16384"})
    public int bytes;

    private final SessionProtocol protocol = new ResumeProtocol(url -> true);
    private final ProtocolReader reader = protocol.reader();
    private final LastSize written = new LastSize();
    private Outbound outbound = new Outbound(Payload.text(""), 0, "");
    private Outbound outboundText = outbound;
    private Utf8Text received = new Utf8Text();
    private Utf8Text ack = new Utf8Text();

    /** Prepares the benchmark for JMH. */
    @Setup
    public void prepare() throws ProtocolViolation {
        String json = Payloads.text(bytes);
        outbound = new Outbound(Payload.json(json), bytes, "");
        outboundText = new Outbound(Payload.text(json), bytes, "");
        received = text("{\"t\":\"msg\",\"id\":\"000000123456\",\"d\":" + json + "}");
        ack = text(ACK);
    }

    private static Utf8Text text(String ascii) throws ProtocolViolation {
        Utf8Text text = new Utf8Text();
        text.validator().begin();
        text.setChecked(ascii.getBytes(StandardCharsets.US_ASCII));
        return text;
    }

    /** Writes an application message. */
    @Benchmark
    public int write() {
        protocol.writeMessage(outbound, written);
        return written.size;
    }

    /** Writes a text, which becomes a JSON string with escapes. */
    @Benchmark
    public int writeText() {
        protocol.writeMessage(outboundText, written);
        return written.size;
    }

    /** Reads an application message. */
    @Benchmark
    public SessionEvent read() throws ProtocolViolation {
        return reader.readText(received);
    }

    /** Reads an acknowledgement. */
    @Benchmark
    public SessionEvent readAck() throws ProtocolViolation {
        return reader.readText(ack);
    }

    private static final class LastSize implements SessionProtocol.Wire {
        int size;

        @Override
        public void text(String envelope, long utf8Length) {
            size = (int) utf8Length;
        }

        @Override
        public void text(byte[] utf8, int utf8Length) {
            size = utf8Length;
        }

        @Override
        public void binary(ByteString bytes) {}
    }
}
