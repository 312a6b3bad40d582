package dev.holdfast.simulation;

import dev.holdfast.internal.time.Scheduler.Scheduled;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import okhttp3.Call;
import okhttp3.ConnectionSpec;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.Okio;
import okio.Source;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The way of HTTP requests through the simulated world, with a proxy that doubles requests, loses answers and holds streams back. It
 * takes the place of OkHttp's network: the client's calls are real.
 */
final class HttpNetwork {
    enum Weather {
        FAIR,
        /** Nobody listens. */
        REFUSED,
        /** Nobody answers. */
        SILENT,
        /** A proxy answers that it cannot reach the server. */
        BAD_GATEWAY,
        /** A proxy answers with a page of its own. */
        PORTAL
    }

    private static final OkHttpClient PLAIN = new OkHttpClient.Builder()
            .connectionSpecs(Collections.singletonList(ConnectionSpec.CLEARTEXT))
            .build();
    private static final String ATTEMPT = "Holdfast-Attempt";
    private static final String NUMBER = "Holdfast-Request";
    private static final String POLL = "Holdfast-Poll";
    private static final long CONNECT_TIMEOUT = World.seconds(10);
    private static final long UPLOAD_WINDOW = World.millis(20);
    private static final int MAX_UPLOAD = 256 * 1024;

    /** What the server answers a request with. */
    interface Answer {
        void status(int code, String type, String body);

        /** Sends events. The first call begins the stream. */
        void events(String events);

        /** Ends the stream in order. */
        void end();

        /** Breaks off. */
        void fail();

        /** Whether the client waits for it or reads it. */
        boolean isRead();

        /** Whether the client's end is gone, and the server may have noticed. */
        boolean isGone();

        /** Sets what is called when the server notices that the client's end is gone. */
        void onGone(Runnable task);
    }

    private final World world;
    private final Turns turns;
    private final HttpFront front;
    private final CarrierBug bug;
    private final List<Exchange> open = new ArrayList<>();
    private final Map<Call, Exchange> byCall = new HashMap<>();
    private final Map<String, Long> lastUploads = new HashMap<>();
    private final Map<String, Long> newSeqs = new HashMap<>();
    private String leftOver = "";
    /** With a bug: called with the last seq of messages that were taken. */
    LongConsumer onTaken = seq -> {};

    /** Called when something comes to the client. */
    Runnable onArrival = () -> {};

    long latency = World.millis(20);
    Weather weather = Weather.FAIR;
    boolean holdsBack;
    /** How likely a request is doubled, and an answer lost. */
    double doubling;

    double loss;
    double lateness;

    HttpNetwork(World world, Turns turns, HttpFront front, CarrierBug bug) {
        this.world = world;
        this.turns = turns;
        this.front = front;
        this.bug = bug;
    }

    /** Returns a client whose calls go through this network. */
    OkHttpClient client() {
        return PLAIN.newBuilder()
                .addInterceptor(this::intercept)
                .eventListener(new EventListener() {
                    @Override
                    public void canceled(Call call) {
                        Exchange exchange = byCall.get(call);
                        if (exchange != null) exchange.cancel();
                    }
                })
                .build();
    }

    /** How many calls are under way. */
    int underWay() {
        return open.size();
    }

    /** Whether the call that the running task executed last was cancelled. */
    boolean isLastCancelled() {
        Exchange last = (Exchange) turns.local();
        return last != null && last.call.isCanceled();
    }

    void onLastCancelled(Runnable task) {
        Exchange last = (Exchange) turns.local();
        if (last != null) last.onCancel = task;
    }

    /** Every connection breaks. Both ends learn of it, each in its time. */
    void cutAll() {
        for (Exchange exchange : new ArrayList<>(open)) exchange.cut();
    }

    /** From now on nothing comes through on what is under way, and nobody is told. */
    void swallowAll() {
        for (Exchange exchange : open) exchange.swallowed = true;
    }

    private Response intercept(Interceptor.Chain chain) throws IOException {
        Exchange exchange = new Exchange(chain.call(), chain.request(), World.millis(chain.readTimeoutMillis()));
        exchange.checkAlone();
        open.add(exchange);
        byCall.put(exchange.call, exchange);
        turns.setLocal(exchange);
        boolean answered = false;
        try {
            Response response = exchange.execute();
            answered = true;
            return response;
        } finally {
            if (!answered) exchange.over();
        }
    }

    /** One call of the client's. */
    private final class Exchange implements Source {
        final Call call;
        final Request request;
        final String attempt;
        private final long readTimeout;
        private final Turns.Signal changed = turns.new Signal();
        private final Buffer in = new Buffer();
        private final Buffer sent = new Buffer();
        private int code;
        private String type = "";
        private boolean ended;
        private boolean over;
        private boolean timedOut;
        private @Nullable IOException broken;
        private boolean swallowed;
        private boolean resent;
        private Runnable onCancel = () -> {};
        private final List<Way> ways = new ArrayList<>();

        Exchange(Call call, Request request, long readTimeout) {
            this.call = call;
            this.request = request;
            this.readTimeout = readTimeout;
            this.attempt = String.valueOf(request.header(ATTEMPT));
        }

        private boolean isUpload() {
            return request.header(NUMBER) != null;
        }

        Response execute() throws IOException {
            if (weather == Weather.REFUSED) {
                pause(1 + world.below(2 * latency));
                throw new ConnectException("connection refused");
            }
            if (weather == Weather.SILENT) {
                pause(CONNECT_TIMEOUT);
                throw new SocketTimeoutException("no answer");
            }
            checkUpload();
            pause(1 + world.below(latency));
            if (request.body() == null) throw new Violation("no body: " + request);
            request.body().writeTo(sent);
            if (sent.size() > MAX_UPLOAD) throw new Violation("a request of " + sent.size() + " bytes");
            String body = sent.readUtf8();
            if (weather == Weather.FAIR) {
                travel(body);
            } else {
                boolean portal = weather == Weather.PORTAL;
                new Way(true).status(portal ? 200 : 502, "text/html", "<p>no</p>");
            }
            while (code == 0) await();
            String contentType = type;
            BufferedSource source = Okio.buffer((Source) this);
            if (bug == CarrierBug.TAKEN_FOR_ACKNOWLEDGED && code == 204) onTaken.accept(front.lastSeq(body));
            return new Response.Builder()
                    .request(request)
                    .protocol(Protocol.HTTP_1_1)
                    .code(code)
                    .message("")
                    .body(new ResponseBody() {
                        @Override
                        public @Nullable MediaType contentType() {
                            return contentType.isEmpty() ? null : MediaType.get(contentType);
                        }

                        @Override
                        public long contentLength() {
                            return -1;
                        }

                        @Override
                        public BufferedSource source() {
                            return source;
                        }
                    })
                    .build();
        }

        /** One request at a time in each direction. */
        private void checkAlone() {
            for (Exchange other : open) {
                if (other.attempt.equals(attempt)
                        && other.isUpload() == isUpload()
                        && request.header(ATTEMPT) != null) {
                    throw new Violation("client sends " + request + " beside " + other.request);
                }
            }
        }

        /** The client waits between two requests, however fast its messages come. */
        private void checkUpload() {
            if (!isUpload()) return;
            long number = Long.parseLong(String.valueOf(request.header(NUMBER)));
            String key = attempt + "/" + number;
            if (lastUploads.containsKey(key)) {
                world.happened("request sent again");
                resent = true;
                return;
            }
            lastUploads.put(key, world.now());
            Long before = lastUploads.get(attempt + "/" + (number - 1));
            if (number > 1 && (before == null || world.now() < before + UPLOAD_WINDOW)) {
                throw new Violation("request " + number + " at " + world.now() + " after one at " + before);
            }
        }

        /** Goes to the server, perhaps twice, and its answer may be lost. */
        private void travel(String body) {
            if (swallowed) return;
            boolean doubled = world.chance(doubling);
            boolean losesAnswer = request.header(ATTEMPT) != null && world.chance(loss);
            boolean firstIsRead = !doubled || !isRepeatable() || world.chance(0.5);
            // A proxy may keep a request until long after another has come.
            boolean late = world.chance(lateness);
            if (late) world.happened("request late");
            long delay = latency / 2 + world.below(latency) + (late ? world.below(World.seconds(10)) : 0);
            world.schedule(() -> arrive(body, false, firstIsRead, losesAnswer), delay);
            if (!doubled) return;
            world.happened(kind() + " doubled");
            // The copy may come before the answer to the first, or long after it.
            long later = world.chance(0.5) ? world.below(2 * latency) : world.below(World.seconds(8));
            world.schedule(() -> arrive(body, true, !firstIsRead, losesAnswer), delay + later);
        }

        private String kind() {
            if (request.header(ATTEMPT) == null) return "greeting";
            if (isUpload()) return "upload";
            String poll = request.header(POLL);
            return poll == null || poll.equals("0") ? "opening" : "poll";
        }

        /** Whether a copy gets the same answer. */
        private boolean isRepeatable() {
            return kind().equals("upload") || kind().equals("poll");
        }

        private void arrive(String body, boolean copy, boolean isRead, boolean losesAnswer) {
            if (over && !copy && world.chance(0.5)) return;
            Way way = new Way(isRead);
            way.loses = losesAnswer;
            ways.add(way);
            if (over) front.comesLate(request);
            front.arrive(request, renumbered(body), copy, way);
        }

        /** With a bug: a client that gets no answer sends the messages as if they were others. */
        private String renumbered(String body) {
            if (bug != CarrierBug.RESENT_UNDER_NEW_SEQS || !isUpload()) return body;
            long offset = newSeqs.getOrDefault(attempt, 0L);
            if (resent) offset += front.messages(body);
            newSeqs.put(attempt, offset);
            return front.renumbered(body, offset);
        }

        // ---- the client's end ----

        private void pause(long nanos) throws IOException {
            long end = world.now() + nanos;
            world.schedule(changed::set, nanos);
            while (world.now() < end) {
                changed.await();
                if (call.isCanceled()) throw new IOException("Canceled");
                if (broken != null) throw broken;
            }
        }

        /** Waits for something to come. */
        private void await() throws IOException {
            check();
            if (timedOut) throw new SocketTimeoutException("timeout");
            if (readTimeout == 0) {
                changed.await();
            } else {
                Scheduled limit = world.schedule(
                        () -> {
                            timedOut = true;
                            changed.set();
                        },
                        readTimeout);
                changed.await();
                limit.cancel();
            }
        }

        private void check() throws IOException {
            if (call.isCanceled()) throw new IOException("Canceled");
            if (broken != null && in.size() == 0) throw broken;
        }

        @Override
        public long read(Buffer sink, long byteCount) throws IOException {
            while (true) {
                if (call.isCanceled()) throw new IOException("Canceled");
                if (in.size() > 0) return in.read(sink, byteCount);
                check();
                if (ended) return -1;
                await();
            }
        }

        @Override
        public Timeout timeout() {
            return Timeout.NONE;
        }

        @Override
        public void close() {
            over();
        }

        void cancel() {
            changed.set();
            onCancel.run();
        }

        /** The client is done with it. The server notices sooner or later, or when it sends. */
        private void over() {
            if (over) return;
            over = true;
            open.remove(this);
            if (!swallowed && world.chance(0.7)) {
                world.schedule(() -> ways.forEach(Way::gone), world.below(World.millis(500)));
            }
        }

        private void cut() {
            if (over) return;
            world.schedule(() -> breakOff("connection reset"), world.below(World.millis(5)));
            world.schedule(() -> ways.forEach(Way::gone), world.below(World.seconds(1)));
            for (Way way : ways) way.cut = true;
        }

        private void breakOff(String why) {
            if (broken == null) broken = new IOException(why);
            changed.set();
        }

        /** One copy of the request at the server, and the way back. */
        private final class Way implements Answer {
            private final boolean isRead;
            private final ArrayDeque<Runnable> held = new ArrayDeque<>();
            private Runnable onGone = () -> {};
            private boolean finished;
            private boolean gone;
            private boolean cut;
            private boolean loses;
            private long lastArrival;

            Way(boolean isRead) {
                this.isRead = isRead;
            }

            private void send(boolean last, Runnable arrival) {
                if (finished) throw new AssertionError("more after the end");
                finished = last;
                if (cut || gone || swallowed) return;
                if (loses) {
                    // The proxy or the network has lost the answer, and with it the connection.
                    cut = true;
                    world.happened(isUpload() ? "answer to messages lost" : "stream or answer to a poll lost");
                    if (isRead) world.schedule(() -> breakOff("unexpected end of stream"), world.below(latency));
                    world.schedule(this::gone, world.below(World.seconds(1)));
                    return;
                }
                if (!isRead) return;
                held.add(arrival);
                if (holdsBack && !last) {
                    world.happened("stream held back");
                    return;
                }
                while (!held.isEmpty()) {
                    Runnable next = held.remove();
                    lastArrival = Math.max(lastArrival, world.now() + latency / 2 + world.below(latency)) + 1;
                    world.schedule(
                            () -> {
                                if (cut || over || swallowed) return;
                                onArrival.run();
                                next.run();
                                changed.set();
                            },
                            lastArrival - world.now());
                }
            }

            @Override
            public void status(int answered, String contentType, String body) {
                send(true, () -> {
                    if (code != 0) return;
                    code = answered;
                    type = contentType;
                    in.writeUtf8(body);
                    ended = true;
                });
            }

            @Override
            public void events(String events) {
                keepLeftOver(events);
                send(false, () -> {
                    if (code == 0) {
                        code = 200;
                        type = "text/event-stream";
                    }
                    in.writeUtf8(events);
                    in.writeUtf8(takeLeftOver());
                });
            }

            private void keepLeftOver(String events) {
                if (bug == CarrierBug.OLD_STREAM_READ && over && events.startsWith("data: {\"t\":\"msg\"")) {
                    leftOver = events;
                }
            }

            private String takeLeftOver() {
                String taken = leftOver;
                leftOver = "";
                return taken;
            }

            @Override
            public void end() {
                send(true, () -> ended = true);
            }

            @Override
            public void fail() {
                if (finished) return;
                finished = true;
                if (isRead && !swallowed) {
                    world.schedule(() -> breakOff("unexpected end of stream"), latency + world.below(latency));
                }
            }

            private void gone() {
                if (gone) return;
                gone = true;
                onGone.run();
            }

            @Override
            public boolean isRead() {
                return isRead && !over && !cut && !swallowed && !gone;
            }

            @Override
            public boolean isGone() {
                return gone || ((over || cut) && !holdsBack);
            }

            @Override
            public void onGone(Runnable task) {
                onGone = task;
                if (gone) task.run();
            }
        }
    }
}
