package dev.holdfast.benchmarks.carriers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.StreamMessage;
import java.io.IOException;

/**
 * The reference server in its own process. It returns a text that begins with {@link #ECHO}, answers {@link #BATCH} with a batch of
 * messages, and accepts any other message. It prints its port, and ends when its standard input ends.
 */
public final class CarrierServer {
    static final String ECHO = "echo";
    static final String BATCH = "batch";
    static final int BATCH_MESSAGES = 2_000;
    static final int BYTES = 256;

    private static final JsonNode MESSAGE = TextNode.valueOf("x".repeat(BYTES));

    private CarrierServer() {}

    /** Runs the server; there are no arguments. */
    public static void main(String[] args) throws IOException {
        try (ReferenceServer server = ReferenceServer.start(ReferenceServer.Options.defaults())) {
            server.onMessage((session, seq, payload) -> handle(session, ((Payload.Json) payload).value()));
            System.out.println(server.port());
            while (System.in.read() != -1) {
                // The input carries no commands.
            }
        }
    }

    private static HandlerResult handle(ServerSession session, JsonNode message) {
        String text = message.textValue();
        if (text.startsWith(ECHO)) return HandlerResult.accepted(StreamMessage.json(message));
        if (text.equals(BATCH)) {
            for (int i = 0; i < BATCH_MESSAGES; i++) {
                String unused = session.send(MESSAGE);
            }
        }
        return HandlerResult.accepted();
    }
}
