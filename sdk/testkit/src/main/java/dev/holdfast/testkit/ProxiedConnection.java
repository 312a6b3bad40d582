package dev.holdfast.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** A client's connection, the proxy's own connection to the server, and a {@link Pipe} in each direction. */
final class ProxiedConnection {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final int MAX_HEAD_BYTES = 16 * 1024;

    private final Faults faults;
    private final Consumer<ProxiedConnection> onFinished;
    private final Socket client;
    private final Socket server = new Socket();
    private final Pipe toServer;
    private final Pipe toClient;

    /** The number of directions that have ended. */
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

    /** Connects to the server and starts forwarding. */
    void start(InetSocketAddress target) {
        thread("connect", () -> run(target)).start();
    }

    private void run(InetSocketAddress target) {
        // A black hole holds back a handshake too.
        awaitNoHole();
        if (forgotten) {
            ends.incrementAndGet();
            toServer.read();
            return;
        }
        try {
            client.setTcpNoDelay(true);
            Middlebox between = faults.middlebox();
            if (between != Middlebox.NONE && !passes(between)) {
                finish();
                return;
            }
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

    /** Reads a request and forwards or answers it. Returns whether it has been forwarded. */
    private boolean passes(Middlebox between) throws IOException {
        StringBuilder request = new StringBuilder();
        byte[] buffer = new byte[MAX_HEAD_BYTES];
        while (!Middlebox.hasHead(request.toString())) {
            int count = client.getInputStream().read(buffer);
            if (count < 0 || request.length() > MAX_HEAD_BYTES) return false;
            request.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
        }
        byte[] answer = between.answerTo(request.toString());
        if (answer != null) {
            client.getOutputStream().write(answer);
            return false;
        }
        toServer.put(Middlebox.forwarded(request.toString()));
        if (between == Middlebox.BUFFERS) toClient.holdBack();
        return true;
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

    /** Makes the pipes look at the faults again. */
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

    /** Stops forwarding silently. Each side is closed when it closes by itself. */
    void forget() {
        forgotten = true;
        toServer.forget();
        toClient.forget();
        wake();
    }

    /** Stops forwarding and ends the stream to each side. */
    void end() {
        forget();
        for (Socket socket : new Socket[] {client, server}) {
            try {
                socket.shutdownOutput();
            } catch (IOException e) {
                // Already closed, or not yet connected.
            }
        }
    }

    /** Resets both connections. */
    void abort() {
        for (Socket socket : new Socket[] {client, server}) {
            try {
                socket.setSoLinger(true, 0);
            } catch (IOException e) {
                // Already closed.
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
            // The socket is of no more use either way.
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
