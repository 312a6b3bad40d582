package dev.holdfast.fuzz;

import static dev.holdfast.internal.frame.ProtocolViolation.INVALID_PAYLOAD;
import static dev.holdfast.internal.frame.ProtocolViolation.MESSAGE_TOO_BIG;
import static dev.holdfast.internal.frame.ProtocolViolation.PROTOCOL_ERROR;

import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.frame.ProtocolViolation;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;

/** RFC 6455 sections 5.4, 5.5 and 8.1 as plainly as they can be written, with the JDK's decoder for UTF-8. */
final class PlainAssembler {
    /** Any code point that is not whole becomes so with one of these behind it. */
    private static final List<ByteString> REST_OF_A_CODE_POINT = List.of(
            ByteString.EMPTY,
            ByteString.decodeHex("80"),
            ByteString.decodeHex("bf"),
            ByteString.decodeHex("8080"),
            ByteString.decodeHex("bfbf"),
            ByteString.decodeHex("808080"),
            ByteString.decodeHex("bfbfbf"));

    private final FrameReader frames;
    private final long maxMessageBytes;
    private final List<Object> messages = new ArrayList<>();
    private final Buffer message = new Buffer();
    private int messageOpcode;

    private PlainAssembler(FrameReader frames, long maxMessageBytes) {
        this.frames = frames;
        this.maxMessageBytes = maxMessageBytes;
    }

    static Assembly assemble(BufferedSource source, boolean masked, long maxMessageBytes) throws IOException {
        PlainAssembler assembler = new PlainAssembler(new FrameReader(source, masked, false), maxMessageBytes);
        return new Assembly(assembler.messages, assembler.readToTheEnd());
    }

    private String readToTheEnd() throws IOException {
        try {
            while (frames.readHeader()) {
                if (Opcode.isControl(frames.opcode())) {
                    readControl();
                    if (frames.opcode() == Opcode.CLOSE) return Assembly.END;
                } else {
                    readData();
                }
            }
            return messageOpcode == 0 ? Assembly.END : Assembly.CUT_SHORT;
        } catch (ProtocolViolation e) {
            return Assembly.violation(e.closeCode());
        } catch (EOFException e) {
            return Assembly.CUT_SHORT;
        }
    }

    private void readControl() throws IOException {
        Buffer control = new Buffer();
        while (frames.remaining() > 0) frames.readPayload(control);
        ByteString payload = control.readByteString();
        switch (frames.opcode()) {
            case Opcode.PING -> messages.add(new Assembly.Ping(payload));
            case Opcode.PONG -> messages.add(new Assembly.Pong(payload));
            default -> messages.add(close(payload));
        }
    }

    private static Assembly.Close close(ByteString payload) throws ProtocolViolation {
        if (payload.size() == 0) return new Assembly.Close(1005, "");
        if (payload.size() == 1) throw refuse(PROTOCOL_ERROR);
        int code = payload.asByteBuffer().getShort() & 0xffff;
        boolean legal = code >= 3000 ? code < 5000 : code >= 1000 && code < 1015 && (code < 1004 || code > 1006);
        if (!legal) throw refuse(PROTOCOL_ERROR);
        return new Assembly.Close(code, decode(payload.substring(2)));
    }

    private void readData() throws IOException {
        boolean continuation = frames.opcode() == Opcode.CONTINUATION;
        if (continuation != (messageOpcode != 0)) throw refuse(PROTOCOL_ERROR);
        if (!continuation) messageOpcode = frames.opcode();
        if (frames.length() > maxMessageBytes || message.size() + frames.length() > maxMessageBytes) {
            throw refuse(MESSAGE_TOO_BIG);
        }
        EOFException cutShort = null;
        try {
            while (frames.remaining() > 0) frames.readPayload(message);
        } catch (EOFException e) {
            cutShort = e;
        }
        if (messageOpcode == Opcode.TEXT && !canBecomeText(message.snapshot())) throw refuse(INVALID_PAYLOAD);
        if (cutShort != null) throw cutShort;
        if (!frames.fin()) return;
        ByteString whole = message.readByteString();
        messages.add(messageOpcode == Opcode.TEXT ? new Assembly.Text(decode(whole)) : new Assembly.Binary(whole));
        messageOpcode = 0;
    }

    private static boolean canBecomeText(ByteString bytes) {
        for (ByteString rest : REST_OF_A_CODE_POINT) {
            try {
                decode(new Buffer().write(bytes).write(rest).readByteString());
                return true;
            } catch (ProtocolViolation e) {
                // Perhaps with another rest.
            }
        }
        return false;
    }

    private static String decode(ByteString bytes) throws ProtocolViolation {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw refuse(INVALID_PAYLOAD);
        }
    }

    private static ProtocolViolation refuse(int closeCode) {
        return new ProtocolViolation(closeCode, "");
    }
}
