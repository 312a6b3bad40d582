package dev.holdfast.benchmarks.parts;

import dev.holdfast.Compression;
import dev.holdfast.benchmarks.wire.Frames;
import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.MessageAssembler;
import dev.holdfast.internal.message.MessageEncoder;
import dev.holdfast.internal.message.MessageHandler;
import dev.holdfast.internal.message.PermessageDeflate;
import dev.holdfast.internal.message.Zlib;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A benchmark of whole text messages to frames and back, plain and compressed. The text is JSON with varied content.
 */
@State(Scope.Thread)
public class MessageBenchmark {
    private static final String EXTENSION =
            "permessage-deflate; client_no_context_takeover; server_no_context_takeover";
    private static final int FRAGMENT_BYTES = 64 * 1024;
    private static final int RSV1 = 0x40;

    @Param({"256", "16384"})
    public int bytes;

    private final FrameBuffer out = new FrameBuffer();
    private String text = "";
    private @Nullable MessageEncoder encoder;
    private @Nullable MessageEncoder deflating;
    private @Nullable MessageAssembler assembler;
    private @Nullable MessageAssembler inflating;
    private final LastText received = new LastText();

    /** Prepares the benchmark for JMH. */
    @Setup
    public void prepare() throws IOException {
        text = json(bytes);
        Compression offer = Compression.deflate()
                .withThreshold(0)
                .withoutClientContextTakeover()
                .withoutServerContextTakeover();
        PermessageDeflate deflate = PermessageDeflate.accept(offer, List.of(EXTENSION), new Zlib());
        FrameWriter frames = new FrameWriter(out, new MaskingKeys(new SecureRandom()));
        encoder = new MessageEncoder(frames, FRAGMENT_BYTES, null);
        deflating = new MessageEncoder(frames, FRAGMENT_BYTES, deflate);
        byte[] frame = Frames.unmasked(Frames.TEXT, text.getBytes(StandardCharsets.UTF_8));
        assembler = assembler(frame, null);
        inflating = assembler(compressed(deflate), deflate);
    }

    /** Returns the compressed message as a server sends it. */
    private byte[] compressed(@Nullable PermessageDeflate deflate) throws IOException {
        FrameBuffer frame = new FrameBuffer();
        try (MessageEncoder server = new MessageEncoder(new FrameWriter(frame, null), FRAGMENT_BYTES, deflate)) {
            server.text(text, bytes);
        }
        Buffer wire = new Buffer();
        frame.writeTo(wire.outputStream());
        byte[] made = wire.readByteArray();
        if ((made[0] & RSV1) == 0) throw new IllegalStateException("not compressed");
        return made;
    }

    private MessageAssembler assembler(byte[] frame, @Nullable PermessageDeflate deflate) {
        FrameReader reader = new FrameReader(new EndlessInput(frame), false, deflate != null);
        return new MessageAssembler(reader, deflate, Integer.MAX_VALUE, received, null);
    }

    private static String json(int bytes) {
        StringBuilder json = new StringBuilder("[");
        for (int i = 0; json.length() < bytes; i++) {
            json.append("{\"id\":")
                    .append(i)
                    .append(",\"price\":")
                    .append(i * 37 % 1000)
                    .append(",\"name\":\"n")
                    .append(i * 7919 % 100)
                    .append("\"},");
        }
        json.setLength(bytes);
        return json.toString();
    }

    /** Cleans up for JMH. */
    @TearDown
    public void close() throws IOException {
        if (encoder != null) encoder.close();
        if (deflating != null) deflating.close();
        if (assembler != null) assembler.close();
        if (inflating != null) inflating.close();
    }

    /** Encodes text to a masked frame. */
    @Benchmark
    public long encode() {
        return encode(encoder);
    }

    /** Encodes text to a compressed, masked frame. */
    @Benchmark
    public long deflate() {
        return encode(deflating);
    }

    private long encode(@Nullable MessageEncoder with) {
        if (with == null) throw new IllegalStateException("not prepared");
        with.text(text, bytes);
        while (with.hasMore()) with.encodeNext();
        long size = out.size();
        out.clear();
        return size;
    }

    /** Decodes a frame to text, including the check of its UTF-8. */
    @Benchmark
    public String decode() throws IOException {
        return decode(assembler);
    }

    /** Decodes a compressed frame to text, including the check of its UTF-8. */
    @Benchmark
    public String inflate() throws IOException {
        return decode(inflating);
    }

    private String decode(@Nullable MessageAssembler with) throws IOException {
        if (with == null || !with.readFrame()) throw new IllegalStateException("no message");
        return received.text;
    }

    private static final class LastText implements MessageHandler {
        String text = "";

        @Override
        public void onText(Utf8Text received) throws ProtocolViolation {
            text = received.string();
        }

        @Override
        public void onBinary(ByteString bytes) {}

        @Override
        public void onPing(ByteString payload) {}

        @Override
        public void onPong(ByteString payload) {}

        @Override
        public void onClose(CloseStatus status) {}
    }
}
