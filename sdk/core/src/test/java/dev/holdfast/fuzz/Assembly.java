package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.MessageAssembler;
import dev.holdfast.internal.message.MessageHandler;
import dev.holdfast.internal.message.PermessageDeflate;
import dev.holdfast.internal.message.PieceHandler;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;

/** The result of a {@link MessageAssembler} for a stream: the messages, and its end. */
record Assembly(List<Object> messages, String end) {
    static final String END = "end";
    static final String CUT_SHORT = "cut short";
    /** Where both are true, which is said depends on how much is looked at at once. */
    static final String BAD_OR_TOO_BIG = "violation 1007 or 1009";

    record Text(String text) {}

    record Binary(ByteString bytes) {}

    record Ping(ByteString payload) {}

    record Pong(ByteString payload) {}

    record Close(int code, String reason) {}

    static Assembly of(BufferedSource source, boolean masked, long maxMessageBytes) throws IOException {
        return of(source, masked, null, maxMessageBytes);
    }

    /** @param deflate what was agreed on compression, null if nothing was */
    static Assembly of(BufferedSource source, boolean masked, PermessageDeflate deflate, long maxMessageBytes)
            throws IOException {
        FrameReader frames = new FrameReader(source.inputStream(), masked, deflate != null);
        return read(frames, deflate, maxMessageBytes, new ArrayList<>(), null);
    }

    /** Of messages that are told in pieces, without a limit. */
    static Assembly ofPieces(BufferedSource source, PermessageDeflate deflate) throws IOException {
        List<Object> messages = new ArrayList<>();
        return read(new FrameReader(source.inputStream(), false, true), deflate, 1, messages, joinIn(messages));
    }

    private static Assembly read(
            FrameReader frames,
            PermessageDeflate deflate,
            long maxMessageBytes,
            List<Object> messages,
            PieceHandler pieces)
            throws IOException {
        try (MessageAssembler assembler =
                new MessageAssembler(frames, deflate, maxMessageBytes, recordIn(messages), pieces)) {
            boolean more = true;
            while (more) more = assembler.readFrame();
            return new Assembly(messages, END);
        } catch (ProtocolViolation e) {
            return new Assembly(messages, violation(e.closeCode()));
        } catch (EOFException e) {
            return new Assembly(messages, CUT_SHORT);
        }
    }

    static String violation(int closeCode) {
        return "violation " + closeCode;
    }

    private static MessageHandler recordIn(List<Object> messages) {
        return new MessageHandler() {
            @Override
            public void onText(Utf8Text text) throws ProtocolViolation {
                messages.add(new Text(text.string()));
            }

            @Override
            public void onBinary(ByteString bytes) {
                messages.add(new Binary(bytes));
            }

            @Override
            public void onPing(ByteString payload) {
                messages.add(new Ping(payload));
            }

            @Override
            public void onPong(ByteString payload) {
                messages.add(new Pong(payload));
            }

            @Override
            public void onClose(CloseStatus status) {
                messages.add(new Close(status.code(), status.reason()));
            }
        };
    }

    private static PieceHandler joinIn(List<Object> messages) {
        return new PieceHandler() {
            private final Buffer message = new Buffer();

            @Override
            public void onTextPiece(String piece, boolean last) {
                assertTrue(last || !piece.isEmpty(), "a piece of nothing");
                // What is not whole code points does not come back the same.
                assertEquals(piece, ByteString.encodeUtf8(piece).utf8());
                message.writeUtf8(piece);
                if (last) messages.add(new Text(message.readUtf8()));
            }

            @Override
            public void onBinaryPiece(ByteString piece, boolean last) {
                assertTrue(last || piece.size() > 0, "a piece of nothing");
                message.write(piece);
                if (last) messages.add(new Binary(message.readByteString()));
            }
        };
    }
}
