package dev.holdfast.testkit;

import dev.holdfast.HoldfastClientBuilder;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * A JUnit Jupiter extension: a {@link TestServer} in {@link VirtualTime} and a {@link RecordingListener}, new ones for each test.
 *
 * <pre>{@code
 * @RegisterExtension
 * final HoldfastExtension holdfast = HoldfastExtension.resumable();
 * }</pre>
 *
 * <p>A test that fails shows what happened at the server: the log is attached to the failure as a suppressed exception. A client
 * need not be closed: nothing of it runs when the test is over, because its time stands still.
 *
 * <p>Not thread-safe. It needs {@code junit-jupiter-api}, which the test kit does not bring along.
 */
public final class HoldfastExtension implements AfterEachCallback, TestExecutionExceptionHandler {
    private final Function<VirtualTime, TestServer> kind;
    /** Made early, so that field initializers of the test may use it. */
    private World world;

    /** The resources of one test. */
    private static final class World {
        final VirtualTime time = new VirtualTime();
        final RecordingListener listener = new RecordingListener(time);
        final TestServer server;

        World(Function<VirtualTime, TestServer> kind) {
            this.server = kind.apply(time);
        }
    }

    private HoldfastExtension(Function<VirtualTime, TestServer> kind) {
        this.kind = Objects.requireNonNull(kind, "kind");
        this.world = new World(kind);
    }

    /** {@return an extension with a server without sessions} */
    public static HoldfastExtension plain() {
        return new HoldfastExtension(TestServer::plain);
    }

    /** {@return an extension with a server of {@code resume.v1.json}} */
    public static HoldfastExtension resumable() {
        return new HoldfastExtension(TestServer::resumable);
    }

    /**
     * {@return an extension with another server}
     *
     * @param server makes it, for example {@code time -> TestServer.lastIdInMessage(time, "/id", "/after")}
     */
    public static HoldfastExtension with(Function<VirtualTime, TestServer> server) {
        return new HoldfastExtension(server);
    }

    /** {@return the server of this test} */
    public TestServer server() {
        return world.server;
    }

    /** {@return the time of this test} */
    public VirtualTime time() {
        return world.time;
    }

    /** {@return the listener of {@link #builder}} */
    public RecordingListener listener() {
        return world.listener;
    }

    /** {@return a builder of a client of {@link #server} that reports to {@link #listener}} */
    public HoldfastClientBuilder builder() {
        return world.server.builder().listener(world.listener);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        world = new World(kind);
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable thrown) throws Throwable {
        thrown.addSuppressed(new WhatHappened(world.server.serverLog()));
        throw thrown;
    }

    /** The log of the server, attached to a failure. */
    private static final class WhatHappened extends Exception {
        private static final long serialVersionUID = 1;

        WhatHappened(ServerLog log) {
            super(log.toString(), null, false, false);
        }
    }
}
