package dev.holdfast.sample.node;

import dev.holdfast.sample.server.HandlerResult;
import dev.holdfast.sample.server.Payload;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.sample.server.SessionStore;
import dev.holdfast.sample.server.StreamMessage;
import java.util.concurrent.CountDownLatch;

/**
 * A command that runs the reference server until its process ends. The server gives every message the same answer,
 * exactly once. With {@code --conformance} it is ready for the conformance suite.
 */
public final class Serve {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private Serve() {}

    public static void main(String[] args) throws InterruptedException {
        System.exit(runMain(args));
    }

    /** Runs the command; returns the exit code if it does not understand its arguments. */
    public static int runMain(String... args) throws InterruptedException {
        ServeOptions options;
        try {
            options = ServeOptions.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(ServeOptions.USAGE);
            return USAGE;
        }
        boolean inMemory = options.log().equals(SessionStore.MEMORY);
        try (SessionStore store = SessionStore.at(options.log());
                ReferenceServer server = ReferenceServer.start(options.server().withStore(store))) {
            if (options.conformance()) ConformanceApplication.install(server);
            else server.onMessage((session, seq, payload) -> HandlerResult.accepted(same(payload)));
            Runtime.getRuntime().addShutdownHook(new Thread(server::close));
            System.out.println("listening at " + server.url() + ", sessions in " + (inMemory ? "memory" : "Redis"));
            new CountDownLatch(1).await();
            return 0;
        } catch (IllegalStateException e) {
            System.err.println(e.getMessage());
            return FAILED;
        }
    }

    private static StreamMessage same(Payload payload) {
        return payload instanceof Payload.Json json
                ? StreamMessage.json(json.value())
                : new StreamMessage.Binary(((Payload.Binary) payload).bytes());
    }
}
