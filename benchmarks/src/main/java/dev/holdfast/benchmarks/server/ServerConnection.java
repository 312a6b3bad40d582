package dev.holdfast.benchmarks.server;

import dev.holdfast.benchmarks.wire.BlockOutput;
import dev.holdfast.benchmarks.wire.FrameInput;
import dev.holdfast.benchmarks.wire.Frames;
import dev.holdfast.benchmarks.wire.Upgrade;
import dev.holdfast.benchmarks.wire.Work;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/** The connection of one client, on one thread. It writes answers when there is nothing more to read. */
final class ServerConnection implements Runnable {
    private final Socket socket;
    private final Sessions sessions;

    ServerConnection(Socket socket, Sessions sessions) {
        this.socket = socket;
        this.sessions = sessions;
    }

    @Override
    public void run() {
        try (socket) {
            socket.setTcpNoDelay(true);
            Work work = Work.of(Upgrade.accept(socket.getInputStream(), socket.getOutputStream()));
            BlockOutput out = new BlockOutput(socket.getOutputStream());
            Endpoint endpoint =
                    work.session() ? new SessionEndpoint(work, sessions, out) : new PlainEndpoint(work, out);
            serve(new FrameInput(input(work)), out, endpoint);
        } catch (IOException e) {
            // The client is gone, and the process that measures it knows.
        }
    }

    private InputStream input(Work work) throws IOException {
        InputStream in = socket.getInputStream();
        return work.kind() == Work.Kind.SLOW_SINK ? new ThrottledInput(in, work.count()) : in;
    }

    private static void serve(FrameInput in, BlockOutput out, Endpoint endpoint) throws IOException {
        while (in.next()) {
            switch (in.opcode()) {
                case Frames.CLOSE -> {
                    out.write(Frames.unmasked(Frames.CLOSE, in.payload()));
                    out.flush();
                    return;
                }
                case Frames.PING -> {
                    out.write(Frames.unmasked(Frames.PONG, in.payload()));
                    out.flush();
                }
                case Frames.PONG -> {}
                default -> {
                    if (in.fin() && !endpoint.onMessage(in)) return;
                }
            }
            if (in.isDrained()) {
                endpoint.onDrained();
                out.flush();
            }
        }
    }
}
