package com.example;

import android.app.Application;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Session;
import dev.holdfast.android.AndroidLifecycle;
import dev.holdfast.android.HoldfastAndroid;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A chat that rests in the background. Its lines belong to the main thread. */
public final class Chat {
    final HoldfastClient client;
    final List<String> lines = new ArrayList<>();

    public Chat(Application application, String url) {
        client = HoldfastAndroid.builder(application, url)
                .session(Session.resumable())
                .onMessage(
                        (c, message) -> lines.add(message.read(ChatLine.class).toString()))
                .build();
        AndroidLifecycle.disconnectInBackground(application, client, Duration.ofMinutes(1));
    }
}
