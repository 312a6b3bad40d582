package dev.holdfast.internal.message;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import java.util.ArrayList;
import java.util.List;
import okio.ByteString;

/** Takes down what a {@link MessageAssembler} tells. */
final class EventLog implements MessageHandler, PieceHandler {
    private final List<String> events = new ArrayList<>();

    /** What was told since this was last asked. */
    List<String> taken() {
        List<String> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    @Override
    public void onText(Utf8Text text) throws ProtocolViolation {
        events.add("text " + text.string());
    }

    @Override
    public void onBinary(ByteString bytes) {
        events.add("binary " + bytes.hex());
    }

    @Override
    public void onTextPiece(String piece, boolean last) {
        events.add((last ? "last " : "") + "text " + piece);
    }

    @Override
    public void onBinaryPiece(ByteString piece, boolean last) {
        events.add((last ? "last " : "") + "binary " + piece.hex());
    }

    @Override
    public void onPing(ByteString payload) {
        events.add("ping " + payload.hex());
    }

    @Override
    public void onPong(ByteString payload) {
        events.add("pong " + payload.hex());
    }

    @Override
    public void onClose(CloseStatus status) {
        events.add("close " + status);
    }
}
