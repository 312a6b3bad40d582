package dev.holdfast.benchmarks.protocols;

import dev.holdfast.benchmarks.wire.BlockOutput;
import dev.holdfast.benchmarks.wire.FrameInput;
import dev.holdfast.benchmarks.wire.Frames;
import dev.holdfast.benchmarks.wire.Upgrade;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A server on loopback in a process of its own. It counts events without parsing them, and sends ready-made ones: it answers each batch
 * of {@link EventBenchmark#EVENTS} with one event, and the event {@code go} with a batch. It follows its protocols only as far as
 * well-behaved clients notice.
 */
public final class EventServer implements AutoCloseable {
    /** The id of the one subscription over STOMP. */
    static final String SUBSCRIPTION = "sub-1";

    private final ServerSocket server;

    private EventServer(ServerSocket server) {
        this.server = server;
    }

    /** Stands for the number of an event, as a broker numbers its messages. */
    private static final String NUMBER = "0000";

    /** The frames of a protocol. */
    private static final class Protocol {
        /** The byte at which an event differs from the request for a batch. */
        final int place;

        final byte[] done;
        private final byte[] event;
        /** The index of the four digits of an event's number, -1 if it has none. */
        private final int digits;

        /** @param event with the place of its text as a format */
        Protocol(int place, String done, String event) {
            this.place = place;
            this.done = text(done);
            String all = String.format(Locale.ROOT, event, EventBenchmark.TEXT);
            this.event = text(all);
            int number = all.indexOf(NUMBER);
            this.digits = number < 0 ? -1 : this.event.length - all.length() + number;
        }

        /** Returns an event, which is valid until the next call. */
        byte[] event(int number) {
            if (digits >= 0) {
                int rest = number;
                for (int i = NUMBER.length() - 1; i >= 0; i--, rest /= 10) event[digits + i] = (byte) ('0' + rest % 10);
            }
            return event;
        }

        static Protocol plain() {
            return new Protocol(0, "{}", "%s");
        }

        /** The event's name follows {@code 42["}. */
        static Protocol socketIo() {
            return new Protocol(4, "42[\"e\"]", "42[\"e\",\"%s\"]");
        }

        /** The destination's name follows {@code SEND\ndestination:/}. */
        static Protocol stomp() {
            String head = "MESSAGE\nsubscription:" + SUBSCRIPTION + "\nmessage-id:" + NUMBER + "\ndestination:/e\n\n";
            return new Protocol(18, head + "\0", head + "%s\0");
        }
    }

    private static byte[] text(String payload) {
        return Frames.unmasked(Frames.TEXT, payload.getBytes(StandardCharsets.US_ASCII));
    }

    /** Prints its port on the standard output and runs until the standard input ends. */
    public static void main(String[] args) throws IOException {
        try (EventServer server = start()) {
            System.out.println(server.port());
            while (System.in.read() != -1) {
                // The input carries no commands.
            }
        }
    }

    /** Starts a server in this process. Connections outlive it. */
    public static EventServer start() throws IOException {
        ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        daemon(() -> acceptAll(server));
        return new EventServer(server);
    }

    public int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "event-server");
        thread.setDaemon(true);
        thread.start();
    }

    private static void acceptAll(ServerSocket server) {
        try {
            while (true) {
                Socket socket = server.accept();
                daemon(() -> serve(socket));
            }
        } catch (IOException e) {
            // The server was closed.
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream input = socket.getInputStream();
            String path = Upgrade.accept(input, socket.getOutputStream());
            BlockOutput out = new BlockOutput(socket.getOutputStream());
            FrameInput in = new FrameInput(input);
            Protocol protocol = open(path, in, out);
            out.flush();
            long received = 0;
            while (in.next() && in.opcode() != Frames.CLOSE) {
                if (in.opcode() == Frames.PING) {
                    out.write(Frames.unmasked(Frames.PONG, in.payload()));
                } else if (in.opcode() == Frames.TEXT && in.length() > protocol.place) {
                    if (in.payloadAt(protocol.place) == 'g') {
                        for (int i = 0; i < EventBenchmark.EVENTS; i++) out.write(protocol.event(i));
                    } else if (++received % EventBenchmark.EVENTS == 0) {
                        out.write(protocol.done);
                    }
                }
                if (in.isDrained()) out.flush();
            }
        } catch (IOException e) {
            // The client is gone.
        }
    }

    private static Protocol open(String path, FrameInput in, BlockOutput out) throws IOException {
        if (path.startsWith("/socket.io/")) {
            out.write(text("0{\"sid\":\"a\",\"upgrades\":[],\"pingInterval\":3600000,\"pingTimeout\":3600000,"
                    + "\"maxPayload\":1000000}"));
            out.flush();
            next(in, "40");
            out.write(text("40{\"sid\":\"a\"}"));
            return Protocol.socketIo();
        }
        if (path.startsWith("/stomp")) {
            next(in, "CONNECT\n");
            out.write(text("CONNECTED\nversion:1.2\n\n\0"));
            out.flush();
            next(in, "SUBSCRIBE\n");
            return Protocol.stomp();
        }
        return Protocol.plain();
    }

    private static void next(FrameInput in, String start) throws IOException {
        if (!in.next() || !in.text().startsWith(start)) throw new IOException("expected " + start);
    }
}
