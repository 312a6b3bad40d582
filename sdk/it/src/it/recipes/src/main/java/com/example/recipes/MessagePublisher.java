package com.example.recipes;

import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Message;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

// recipes
/**
 * The messages of a client, as a Reactive Streams publisher. Each subscriber gets a client of its own, which closes when
 * the subscription is cancelled.
 */
public final class MessagePublisher implements Publisher<Message> {
    private final Supplier<HoldfastClientBuilder> builder;

    public MessagePublisher(Supplier<HoldfastClientBuilder> builder) {
        this.builder = builder;
    }

    @Override
    public void subscribe(Subscriber<? super Message> subscriber) {
        Demand demand = new Demand();
        HoldfastClient client = builder.get()
                .onMessage((c, message) -> {
                    // Holds back the callback, and with it the client's reading, while the subscriber wants no more.
                    if (demand.take()) subscriber.onNext(message);
                })
                .onConnectionFailure((c, failure) -> {
                    if (failure.willRetry() || !demand.end()) return;
                    subscriber.onError(new IOException(failure.toString()));
                    c.close();
                })
                .onClosed((c, reason) -> {
                    if (demand.end()) subscriber.onComplete();
                })
                .build();
        demand.client = client;
        subscriber.onSubscribe(demand);
        client.connect();
    }

    /** How many more messages the subscriber wants. */
    private static final class Demand implements Subscription {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private long wanted; // guarded by lock
        private boolean ended; // guarded by lock
        private HoldfastClient client;

        @Override
        public void request(long n) {
            if (n <= 0) throw new IllegalArgumentException("n must be positive, but was " + n);
            lock.lock();
            try {
                wanted = wanted + n < 0 ? Long.MAX_VALUE : wanted + n;
                changed.signal();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void cancel() {
            end();
            client.close();
        }

        /** Waits until the subscriber wants a message. Returns false if the subscription has ended. */
        boolean take() {
            lock.lock();
            try {
                while (wanted == 0 && !ended) changed.awaitUninterruptibly();
                if (ended) return false;
                if (wanted < Long.MAX_VALUE) wanted--;
                return true;
            } finally {
                lock.unlock();
            }
        }

        /** Ends the subscription. Returns false if it had ended. */
        boolean end() {
            lock.lock();
            try {
                boolean first = !ended;
                ended = true;
                changed.signal();
                return first;
            } finally {
                lock.unlock();
            }
        }
    }
}
// end
