package com.example.lines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ServerSocketFactory;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/** A server of the protocol of lines, with one topic. What it has handled and published survives its restart. */
final class LineServer implements AutoCloseable {
    private static final String TOPIC = "news";

    /** What the server has handled, by the order in which it did. */
    final List<String> handled = new ArrayList<>();

    private final Set<String> ids = new HashSet<>();
    private final List<String> published = new ArrayList<>();
    private final Set<WebSocket> subscribers = new HashSet<>();
    private final Set<WebSocket> connections = new HashSet<>();
    private final List<Socket> sockets = new ArrayList<>();
    private MockWebServer server;
    private int port;
    private int opened;

    LineServer() throws IOException {
        start();
    }

    private void start() throws IOException {
        server = new MockWebServer();
        server.setServerSocketFactory(new TrackedSockets());
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .addHeader("Sec-WebSocket-Protocol", "lines.v1")
                        .webSocketUpgrade(new Peer())
                        .build();
            }
        });
        server.start(port);
        port = server.getPort();
    }

    String url() {
        return "ws://127.0.0.1:" + port + "/";
    }

    /** Returns how many sessions it has opened. */
    synchronized int opened() {
        return opened;
    }

    synchronized int handledCount() {
        return handled.size();
    }

    synchronized void publish(String text) {
        published.add(text);
        for (WebSocket subscriber : subscribers) subscriber.send(message(published.size()));
    }

    private String message(int cursor) {
        return "MESSAGE " + TOPIC + " " + cursor + " " + published.get(cursor - 1);
    }

    synchronized void ping() {
        for (WebSocket connection : connections) connection.send("PING");
    }

    /** Cuts all connections. */
    synchronized void cut() {
        connections.clear();
        subscribers.clear();
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        sockets.clear();
    }

    /** Remembers the sockets, so that they can be cut. */
    private final class TrackedSockets extends ServerSocketFactory {
        @Override
        public ServerSocket createServerSocket() throws IOException {
            return new ServerSocket() {
                /** The server is restarted on its port while the system still remembers the connections that were cut. */
                @Override
                public void setReuseAddress(boolean on) throws SocketException {
                    super.setReuseAddress(true);
                }

                @Override
                public Socket accept() throws IOException {
                    Socket accepted = super.accept();
                    synchronized (LineServer.this) {
                        sockets.add(accepted);
                    }
                    return accepted;
                }
            };
        }

        @Override
        public ServerSocket createServerSocket(int anyPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ServerSocket createServerSocket(int anyPort, int backlog) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ServerSocket createServerSocket(int anyPort, int backlog, InetAddress address) {
            throw new UnsupportedOperationException();
        }
    }

    /** Stops and starts again, on the same port. */
    void restart() throws IOException {
        cut();
        server.close();
        start();
    }

    @Override
    public void close() {
        cut();
        server.close();
    }

    private final class Peer extends WebSocketListener {
        @Override
        public void onOpen(WebSocket socket, Response response) {
            synchronized (LineServer.this) {
                connections.add(socket);
            }
        }

        @Override
        public void onMessage(WebSocket socket, String line) {
            synchronized (LineServer.this) {
                if (connections.contains(socket)) handle(socket, line.split(" ", 3));
            }
        }

        private void handle(WebSocket socket, String[] words) {
            switch (words[0]) {
                case "HELLO":
                    opened++;
                    boolean known = words.length > 1 && words[1].equals("secret");
                    socket.send(known ? "WELCOME 30000" : "REFUSED no such credential");
                    break;
                case "SEND":
                    boolean isNew = ids.add(words[1]);
                    if (isNew) handled.add(words[2]);
                    // Now and then an acknowledgement is lost with its connection.
                    if (isNew && ids.size() % 20 == 13) cut();
                    else socket.send("ACK " + words[1]);
                    break;
                case "SUBSCRIBE":
                    int from = words.length > 2 ? Integer.parseInt(words[2]) : published.size();
                    for (int cursor = from + 1; cursor <= published.size(); cursor++) socket.send(message(cursor));
                    subscribers.add(socket);
                    break;
                case "UNSUBSCRIBE":
                    subscribers.remove(socket);
                    break;
                case "PONG":
                    handled.add("PONG");
                    break;
                default:
                    socket.send("END " + TOPIC + " " + words[0]);
            }
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            synchronized (LineServer.this) {
                connections.remove(socket);
                subscribers.remove(socket);
            }
            socket.close(code, null);
        }

        @Override
        public void onFailure(WebSocket socket, Throwable failure, Response response) {
            synchronized (LineServer.this) {
                connections.remove(socket);
                subscribers.remove(socket);
            }
        }
    }
}
