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

/** RFC 6455 sections 5.4, 5.5 and 8.1, and RFC 7692 section 6.2, as plainly as they can be written. */
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

    /** In place of a close code. */
    private static final int BAD_OR_TOO_BIG = -1;

    private final FrameReader frames;
    private final long maxMessageBytes;
    private final List<Object> messages = new ArrayList<>();
    private final Buffer message = new Buffer();
    /** Null where nothing was agreed on compression. */
    private final PlainInflater inflater;

    private int messageOpcode;
    private boolean messageCompressed;

    private PlainAssembler(FrameReader frames, long maxMessageBytes, PlainInflater inflater) {
        this.frames = frames;
        this.maxMessageBytes = maxMessageBytes;
        this.inflater = inflater;
    }

    static Assembly assemble(BufferedSource source, boolean masked, long maxMessageBytes) throws IOException {
        return new PlainAssembler(new FrameReader(source.inputStream(), masked, false), maxMessageBytes, null)
                .assembly();
    }

    /** @param contextTakeover whether a compressed message may refer to those before it */
    static Assembly assembleCompressed(BufferedSource source, boolean contextTakeover, long maxMessageBytes)
            throws IOException {
        try (PlainInflater inflater = new PlainInflater(contextTakeover)) {
            return new PlainAssembler(new FrameReader(source.inputStream(), false, true), maxMessageBytes, inflater)
                    .assembly();
        }
    }

    private Assembly assembly() throws IOException {
        return new Assembly(messages, readToTheEnd());
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
            return e.closeCode() == BAD_OR_TOO_BIG ? Assembly.BAD_OR_TOO_BIG : Assembly.violation(e.closeCode());
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
        if (!continuation) {
            messageOpcode = frames.opcode();
            messageCompressed = frames.rsv1();
        }
        EOFException cutShort = messageCompressed ? readCompressed() : readPlain();
        if (cutShort != null) throw cutShort;
        if (!frames.fin()) return;
        ByteString whole = message.readByteString();
        messages.add(messageOpcode == Opcode.TEXT ? new Assembly.Text(decode(whole)) : new Assembly.Binary(whole));
        messageOpcode = 0;
    }

    private EOFException readPlain() throws IOException {
        if (frames.length() > maxMessageBytes || message.size() + frames.length() > maxMessageBytes) {
            throw refuse(MESSAGE_TOO_BIG);
        }
        EOFException cutShort = readPayload(message);
        if (isBadText(message.snapshot())) throw refuse(INVALID_PAYLOAD);
        return cutShort;
    }

    private EOFException readCompressed() throws IOException {
        Buffer payload = new Buffer();
        EOFException cutShort = readPayload(payload);
        boolean last = cutShort == null && frames.fin();
        boolean bad = !inflater.inflate(payload, last, message);
        boolean tooBig = message.size() > maxMessageBytes;
        bad |= isBadText(message.snapshot().substring(0, (int) Math.min(message.size(), maxMessageBytes)));
        if (bad || tooBig) throw refuse(bad && tooBig ? BAD_OR_TOO_BIG : bad ? INVALID_PAYLOAD : MESSAGE_TOO_BIG);
        return cutShort;
    }

    /** Says how the stream ended, where it did. */
    private EOFException readPayload(Buffer to) throws IOException {
        try {
            while (frames.remaining() > 0) frames.readPayload(to);
            return null;
        } catch (EOFException e) {
            return e;
        }
    }

    private boolean isBadText(ByteString bytes) {
        return messageOpcode == Opcode.TEXT && !canBecomeText(bytes);
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
