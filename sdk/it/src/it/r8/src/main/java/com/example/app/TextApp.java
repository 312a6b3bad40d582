package com.example.app;

import dev.holdfast.HoldfastClient;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;

/** The same application, which also sends and receives text with Holdfast. */
public final class TextApp {
    private TextApp() {}

    public static void main(String[] args) throws Exception {
        OkHttpClient http = new OkHttpClient();
        HttpApp.get(http, args[0]);
        HoldfastClient client = HoldfastClient.builder(args[1])
                .okHttpClient(http)
                .onMessage((c, message) -> System.out.println(message.text()))
                .onConnectionFailure((c, failure) -> System.out.println(failure))
                .build();
        client.connect();
        System.out.println(client.send("hello").outcome().get(10, TimeUnit.SECONDS));
        client.close();
        System.out.println(client.closed().get(10, TimeUnit.SECONDS));
    }
}
