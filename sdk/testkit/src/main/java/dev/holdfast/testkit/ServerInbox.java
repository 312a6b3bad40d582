package dev.holdfast.testkit;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The messages of the clients' applications that a test has not taken, and what the server does with new ones. */
final class ServerInbox implements ServerRules.Application {
    private final VirtualTime time;
    private final ServerLog log;
    private final ArrayDeque<TestFrame> received = new ArrayDeque<>();
    private @Nullable Consumer<String> onText;
    private ServerRules.@Nullable Rejection nextRejection;

    ServerInbox(VirtualTime time, ServerLog log) {
        this.time = time;
        this.log = log;
    }

    void onText(Consumer<String> handler) {
        onText = handler;
    }

    void rejectNext(ServerRules.Rejection rejection) {
        nextRejection = rejection;
    }

    /** Waits for the next message, which must be of this kind. */
    TestFrame take(TestFrame.Kind kind) {
        time.runUntil(() -> !received.isEmpty(), VirtualTime.LIMIT, () -> log.describe("no message has come"));
        TestFrame next = received.remove();
        if (next.kind != kind) {
            throw new AssertionError("the next message is not " + kind + ", but " + next + ". " + log);
        }
        return next;
    }

    void assertEmpty() {
        if (!received.isEmpty()) throw new AssertionError("messages that were not taken: " + received + ". " + log);
    }

    @Override
    public ServerRules.@Nullable Rejection onMessage(TestFrame message) {
        ServerRules.Rejection rejection = nextRejection;
        nextRejection = null;
        if (rejection != null) return rejection;
        received.add(message);
        Consumer<String> handler = onText;
        // In a task of its own, behind this message's acknowledgement.
        if (handler != null && message.kind == TestFrame.Kind.TEXT) time.add(() -> handler.accept(message.text()), 0);
        return null;
    }

    @Override
    public void log(String line) {
        log.note(line);
    }
}
