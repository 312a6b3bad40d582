package dev.holdfast.sample.fault;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** A client's connection, the proxy's own one to the server, and a {@link Pipe} each way. */
final class ProxiedConnection {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final Faults faults;
    private final Consumer<ProxiedConnection> onFinished;
    private final Socket client;
    private final Socket server = new Socket();
    private final Pipe toServer;
    private final Pipe toClient;

    /** Directions that have come to their end. */
    private final AtomicInteger ends = new AtomicInteger();

    private final AtomicBoolean finished = new AtomicBoolean();
    private volatile boolean forgotten;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    ProxiedConnection(Faults faults, Socket client, Consumer<ProxiedConnection> onFinished) {
        this.faults = faults;
        this.client = client;
        this.onFinished = onFinished;
        this.toServer = new Pipe(faults, Direction.CLIENT_TO_SERVER, client, server, new PipeEvents(client));
        this.toClient = new Pipe(faults, Direction.SERVER_TO_CLIENT, server, client, new PipeEvents(server));
    }

    /** Connects to the server and lets the bytes flow. */
    void start(InetSocketAddress target) {
        thread("connect", () -> run(target)).start();
    }

    private void run(InetSocketAddress target) {
        // A handshake does not come through a hole either.
        awaitNoHole();
        if (forgotten) {
            ends.incrementAndGet();
            toServer.read();
            return;
        }
        try {
            client.setTcpNoDelay(true);
            server.connect(target, CONNECT_TIMEOUT_MILLIS);
            server.setTcpNoDelay(true);
        } catch (IOException e) {
            abort();
            return;
        }
        thread("to-server-writer", toServer::write).start();
        thread("to-client-reader", toClient::read).start();
        thread("to-client-writer", toClient::write).start();
        toServer.read();
    }

    private void awaitNoHole() {
        lock.lock();
        try {
            while (!forgotten
                    && !finished.get()
                    && (faults.isHole(Direction.CLIENT_TO_SERVER) || faults.isHole(Direction.SERVER_TO_CLIENT))) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Looks again at the faults. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        toServer.wake();
        toClient.wake();
    }

    /** Forwards nothing any more, in silence. Each side is let go when it lets go itself. */
    void forget() {
        forgotten = true;
        toServer.forget();
        toClient.forget();
        wake();
    }

    /** Forwards nothing any more, and tells each side that the other has nothing more to say. */
    void end() {
        forget();
        for (Socket socket : new Socket[] {client, server}) {
            try {
                socket.shutdownOutput();
            } catch (IOException e) {
                // Closed already, or not connected yet.
            }
        }
    }

    /** Resets both connections. */
    void abort() {
        for (Socket socket : new Socket[] {client, server}) {
            try {
                socket.setSoLinger(true, 0);
            } catch (IOException e) {
                // Closed already.
            }
        }
        finish();
    }

    private void finish() {
        if (!finished.compareAndSet(false, true)) {
            return;
        }
        close(client);
        close(server);
        toServer.close();
        toClient.close();
        wake();
        onFinished.accept(this);
    }

    private void ended() {
        if (ends.incrementAndGet() == 2) {
            finish();
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no more use either way.
        }
    }

    private static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, "fault-proxy-" + name);
        thread.setDaemon(true);
        return thread;
    }

    private final class PipeEvents implements Pipe.Events {
        private final Socket from;

        PipeEvents(Socket from) {
            this.from = from;
        }

        @Override
        public void onEnd() {
            ended();
        }

        @Override
        public void onBroken() {
            if (!forgotten) {
                abort();
            }
        }

        @Override
        public void onSilentEnd() {
            close(from);
            ended();
        }
    }
}
