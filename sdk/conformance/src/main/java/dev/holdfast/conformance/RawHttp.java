package dev.holdfast.conformance;

import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection of section 15: a stream of events, and requests with what is sent. The first text opens it.
 *
 * <p>Threads: any thread may send; one thread takes what came. Two threads of the connection read and send.
 */
final class RawHttp implements Wire {
    private static final int MAX_WAITING = 200_000;
    private static final int MAX_SHARED = 1 << 18;
    private static final String BREAK = "";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final URI uri;
    private final Map<String, String> headers;
    private final String name = newName();
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>(MAX_WAITING);
    private final BlockingQueue<String> members = new LinkedBlockingQueue<>(MAX_WAITING);
    private final Thread sender = thread(this::send);
    private volatile @Nullable RawRequest stream;
    private volatile @Nullable RawRequest upload;
    private volatile boolean over;
    private boolean opened;
    private int pings;

    /** @param headers further headers of each request */
    RawHttp(URI uri, Map<String, String> headers) {
        this.uri = uri;
        this.headers = headers;
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "conformance-http");
        thread.setDaemon(true);
        return thread;
    }

    /** Returns a name for a connection. */
    static String newName() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private Map<String, String> with(String header, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Holdfast-Attempt", name);
        all.put(header, value);
        return all;
    }

    // Down

    private void open(String text) {
        try (RawRequest request = RawRequest.post(uri, with("Accept", "text/event-stream"), text)) {
            stream = request;
            if (over) return;
            int status = request.answer(0).status();
            if (status != 200) throw new IOException("the opening was answered with HTTP " + status);
            Events read = new Events(request.stream());
            for (Events.Event event = read.next(); event != null; event = read.next()) {
                if (!add(event)) return;
            }
            record(new Lost("the stream ended without a close", System.nanoTime()));
        } catch (IOException | RuntimeException e) {
            record(new Lost(e.toString(), System.nanoTime()));
        }
    }

    /** Returns false after the last event. */
    private boolean add(Events.Event event) throws IOException {
        long now = System.nanoTime();
        switch (event.name()) {
            case Events.Event.COMMENT -> {}
            case "" -> record(new Text(event.data(), now));
            case "binary" -> record(new Binary(Base64.getDecoder().decode(event.data()), now));
            case "pong" -> {
                long unused = Long.parseLong(event.data());
                record(new Pong(now));
            }
            case "close" -> {
                record(new Closed(closeCode(event.data()), now));
                return false;
            }
            default -> throw new IOException("15: an event " + event.name());
        }
        return true;
    }

    static int closeCode(String data) throws IOException {
        if (!data.matches("[1-4][0-9]{3} .*")) throw new IOException("15: the close \"" + data + "\"");
        return Integer.parseInt(data.substring(0, 4));
    }

    private void record(Event event) {
        try {
            events.put(event);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public @Nullable Event poll(long deadline) throws InterruptedException {
        return events.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    // Up

    private void send() {
        try {
            for (long number = 1; !over; number++) {
                List<String> shared = new ArrayList<>(List.of(members.take()));
                int size = shared.get(0).length();
                while (size < MAX_SHARED && !members.isEmpty()) {
                    shared.add(members.take());
                    size += shared.get(shared.size() - 1).length();
                }
                shared.removeIf(BREAK::equals);
                if (over) return;
                String body = "[" + String.join(",", shared) + "]";
                try (RawRequest request = RawRequest.post(uri, with("Holdfast-Request", Long.toString(number)), body)) {
                    upload = request;
                    int status = request.answer(0).status();
                    // 409 and 410: the stream says what it is about.
                    if (status == 409 || status == 410) return;
                    if (status != 204) throw new IOException("15: messages were answered with HTTP " + status);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            if (!over) record(new Lost(e.toString(), System.nanoTime()));
        }
    }

    @Override
    public void text(String text) throws IOException {
        if (opened) {
            add(text);
        } else {
            opened = true;
            thread(() -> open(text)).start();
            sender.start();
        }
    }

    private void add(String member) throws IOException {
        if (!members.offer(member)) throw new IOException("too much waits to be sent");
    }

    @Override
    public void binary(byte[] bytes) throws IOException {
        add('"' + Base64.getEncoder().encodeToString(bytes) + '"');
    }

    @Override
    public void ping() throws IOException {
        add("{\"ping\":" + ++pings + "}");
    }

    @Override
    public void sendClose(int code) throws IOException {
        add("{\"close\":" + code + ",\"reason\":\"\"}");
    }

    // Ending

    @Override
    public void cut() throws IOException {
        over = true;
        boolean unused = members.offer(BREAK);
        RawRequest down = stream;
        RawRequest up = upload;
        if (up != null) up.cut();
        if (down != null) down.cut();
    }

    @Override
    public void close() throws IOException {
        cut();
    }
}
