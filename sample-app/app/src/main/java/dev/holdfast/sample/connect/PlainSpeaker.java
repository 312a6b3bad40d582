package dev.holdfast.sample.connect;

import dev.holdfast.HoldfastClient;
import dev.holdfast.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import okio.ByteString;

/** Sends each line as a WebSocket message. What the server sends goes to the client's listener. */
final class PlainSpeaker implements Speaker {
    private final HoldfastClient client;
    private final LineKind lines;

    PlainSpeaker(HoldfastClient client, LineKind lines) {
        this.client = client;
        this.lines = lines;
    }

    @Override
    public void connect() {
        client.connect();
    }

    @Override
    public CompletableFuture<Outcome> send(String line) {
        return switch (lines) {
            case TEXT -> client.send(line).outcome();
            case JSON -> client.send(Json.parse(line)).outcome();
            case BINARY ->
                client.send(ByteString.of(line.getBytes(StandardCharsets.UTF_8)))
                        .outcome();
            case HEX ->
                client.send(ByteString.of(HexFormat.of().parseHex(line.strip())))
                        .outcome();
        };
    }

    @Override
    public void close() {
        client.close();
    }
}
