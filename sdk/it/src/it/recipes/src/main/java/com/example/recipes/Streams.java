package com.example.recipes;

import dev.holdfast.HoldfastClient;
import dev.holdfast.Message;
import io.reactivex.rxjava3.core.Flowable;
import reactor.core.publisher.Flux;

final class Streams {
    private Streams() {}

    // recipes
    static Flowable<Message> flowable(String url) {
        return Flowable.fromPublisher(new MessagePublisher(() -> HoldfastClient.builder(url)));
    }
    // end

    // recipes
    static Flux<Message> flux(String url) {
        return Flux.from(new MessagePublisher(() -> HoldfastClient.builder(url)));
    }
    // end
}
