package com.example.app;

import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** An application that has OkHttp: what the others are compared with. */
public final class HttpApp {
    private HttpApp() {}

    public static void main(String[] args) throws Exception {
        get(new OkHttpClient(), args[0]);
    }

    static void get(OkHttpClient http, String url) throws Exception {
        Request request = new Request.Builder().url(url).build();
        try (Response response = http.newCall(request).execute()) {
            System.out.println(response.body().string());
        }
    }
}
