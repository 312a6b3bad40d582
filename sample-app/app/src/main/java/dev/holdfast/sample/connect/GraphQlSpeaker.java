package dev.holdfast.sample.connect;

import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Outcome;
import dev.holdfast.graphql.GraphQl;
import dev.holdfast.graphql.GraphQlSubscription;
import dev.holdfast.graphql.Operation;
import dev.holdfast.graphql.OperationException;
import dev.holdfast.graphql.Result;
import dev.holdfast.graphql.SubscriptionListener;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import okhttp3.Request;

/** GraphQL in lines: a query, a mutation or a subscription. Results are printed as JSON. */
final class GraphQlSpeaker implements Speaker {
    private final GraphQl client;
    private final Consumer<String> received;

    GraphQlSpeaker(Request request, Consumer<HoldfastClientBuilder> settings, Consumer<String> received) {
        this.received = received;
        client = GraphQl.builder(request.url().toString()).configure(settings).build();
    }

    @Override
    public void connect() {
        client.connect();
    }

    @Override
    public CompletableFuture<Outcome> send(String line) {
        if (line.isBlank()) throw new IllegalArgumentException("a line is a query, a mutation or a subscription");
        Operation operation = Operation.of(line.strip());
        if (line.strip().startsWith("subscription")) {
            CompletableFuture<Outcome> ended = new CompletableFuture<>();
            GraphQlSubscription unused = client.subscribe(operation, new Printed(ended));
            return ended;
        }
        return client.execute(operation).handle((result, failure) -> {
            if (result == null) return Outcome.rejected("graphql", Failures.words(failure));
            received.accept(result.json());
            return Outcome.acknowledged();
        });
    }

    @Override
    public void close() {
        client.close();
    }

    /** Prints the results of a subscription. */
    private final class Printed implements SubscriptionListener {
        private final CompletableFuture<Outcome> ended;

        Printed(CompletableFuture<Outcome> ended) {
            this.ended = ended;
        }

        @Override
        public void onNext(Result result) {
            received.accept(result.json());
        }

        @Override
        public void onError(OperationException failure) {
            ended.complete(Outcome.rejected("graphql", Failures.words(failure)));
        }

        @Override
        public void onComplete() {
            ended.complete(Outcome.acknowledged());
        }
    }
}
