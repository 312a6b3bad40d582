package dev.holdfast.sample.connect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Outcome;
import dev.holdfast.socketio.Event;
import dev.holdfast.socketio.SocketIo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import okhttp3.Request;

/**
 * Socket.IO in lines: {@code EVENT}, {@code EVENT VALUE} or {@code EVENT [VALUE,VALUE]}. A value that is not JSON is text. Events of
 * the server are printed in the last form.
 */
final class SocketIoSpeaker implements Speaker {
    private final SocketIo client;

    SocketIoSpeaker(Request request, Consumer<HoldfastClientBuilder> settings, Consumer<String> received) {
        client = SocketIo.builder(request.url().toString()).configure(settings).build();
        client.onAny(event -> received.accept(line(event)));
    }

    private static String line(Event event) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < event.arguments().size(); i++) {
            values.add(event.arguments().json(i));
        }
        return event.name() + " [" + String.join(",", values) + "]";
    }

    @Override
    public void connect() {
        client.connect();
    }

    @Override
    public CompletableFuture<Outcome> send(String line) {
        String[] words = line.strip().split("\\s+", 2);
        if (words[0].isEmpty()) throw new IllegalArgumentException("a line needs the name of an event");
        return client.emit(words[0], words.length == 1 ? new Object[0] : arguments(words[1]))
                .outcome();
    }

    private static Object[] arguments(String text) {
        JsonNode value;
        try {
            value = Json.parse(text);
        } catch (IllegalArgumentException e) {
            return new Object[] {text};
        }
        if (!value.isArray()) return new Object[] {value};
        List<Object> values = new ArrayList<>();
        value.forEach(values::add);
        return values.toArray();
    }

    @Override
    public void close() {
        client.close();
    }
}
