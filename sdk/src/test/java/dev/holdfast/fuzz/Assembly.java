package dev.holdfast.fuzz;

import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.MessageAssembler;
import dev.holdfast.internal.message.MessageHandler;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okio.BufferedSource;
import okio.ByteString;

/** What a {@link MessageAssembler} makes of a stream: the messages, and how it ended. */
record Assembly(List<Object> messages, String end) {
    static final String END = "end";
    static final String CUT_SHORT = "cut short";

    record Text(String text) {}

    record Binary(ByteString bytes) {}

    record Ping(ByteString payload) {}

    record Pong(ByteString payload) {}

    record Close(int code, String reason) {}

    static Assembly of(BufferedSource source, boolean masked, long maxMessageBytes) throws IOException {
        List<Object> messages = new ArrayList<>();
        MessageAssembler assembler = new MessageAssembler(
                new FrameReader(source, masked, false), null, maxMessageBytes, recordIn(messages), null);
        try {
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
            public void onText(String text) {
                messages.add(new Text(text));
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
}
