package dev.holdfast.testkit;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** A server that keeps what it sent, and begins behind the id that a client names. */
final class HistoryRules extends ServerRules {
    private final ObjectMapper mapper = new ObjectMapper();
    private final JsonPointer id;
    /** Returns the id that a handshake names; null if the first message does. */
    private final @Nullable Function<Request, @Nullable String> inHandshake;
    /** The place of the id in the client's first message; null if the handshake has it. */
    private final @Nullable JsonPointer inFirstMessage;

    private final Map<String, TestFrame> history = new LinkedHashMap<>();
    /** Connections that have said where they begin. */
    private final Set<MemoryConnection> begun = new HashSet<>();

    HistoryRules(
            Application application,
            String id,
            @Nullable Function<Request, @Nullable String> inHandshake,
            @Nullable String inFirstMessage) {
        super(application);
        this.id = JsonPointer.compile(id);
        this.inHandshake = inHandshake;
        this.inFirstMessage = inFirstMessage == null ? null : JsonPointer.compile(inFirstMessage);
    }

    @Override
    void onConnect(MemoryConnection connection) {
        super.onConnect(connection);
        if (inHandshake != null) {
            begin(connection, inHandshake.apply(connection.request));
        } else if (!connection.hasMessagesToWrite()) {
            // The client has nothing to name.
            begin(connection, null);
        }
    }

    @Override
    void onFrame(MemoryConnection connection, TestFrame frame) {
        if (inFirstMessage != null && !begun.contains(connection)) {
            String last = frame.kind == TestFrame.Kind.TEXT ? textAt(frame.text(), inFirstMessage) : null;
            begin(connection, last);
            if (last != null) return;
        }
        super.onFrame(connection, frame);
    }

    private void begin(MemoryConnection connection, @Nullable String last) {
        begun.add(connection);
        if (last == null) return;
        // An id that the history no longer has: all that there is comes behind it.
        boolean behind = !history.containsKey(last);
        for (Map.Entry<String, TestFrame> entry : history.entrySet()) {
            if (behind) connection.serverSends(entry.getValue());
            if (entry.getKey().equals(last)) behind = true;
        }
    }

    @Override
    boolean isReady(MemoryConnection connection) {
        return super.isReady(connection) && begun.contains(connection);
    }

    @Override
    void onGone(MemoryConnection connection) {
        super.onGone(connection);
        begun.remove(connection);
    }

    @Override
    void send(TestFrame message, boolean json) {
        String named = message.kind == TestFrame.Kind.TEXT ? textAt(message.text(), id) : null;
        if (named == null) throw new IllegalArgumentException("a message of this server needs an id at " + id);
        if (history.put(named, message) != null) {
            throw new IllegalArgumentException("the id " + named + " was sent before");
        }
        for (MemoryConnection connection : connections()) {
            if (isReady(connection)) connection.serverSends(message);
        }
    }

    @Override
    void restart(boolean keepsLog) {
        if (!keepsLog) history.clear();
    }

    private @Nullable String textAt(String text, JsonPointer pointer) {
        try {
            JsonNode node = mapper.readTree(text).at(pointer);
            return node.isValueNode() && !node.isNull() ? node.asText() : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
