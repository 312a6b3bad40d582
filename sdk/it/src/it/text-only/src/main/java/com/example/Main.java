package com.example;

import dev.holdfast.HoldfastClient;
import dev.holdfast.Message;
import dev.holdfast.Session;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okio.ByteString;

/** Exchanges text and bytes without Jackson, and shows what a session that needs it says. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        try {
            Class.forName("com.fasterxml.jackson.core.JsonFactory");
            throw new IllegalStateException("Jackson is on the class path");
        } catch (ClassNotFoundException expected) {
            System.out.println("consumer> no Jackson on the class path");
        }
        BlockingQueue<Message> answers = new LinkedBlockingQueue<>();
        HoldfastClient client = HoldfastClient.builder(args[0])
                .onMessage((c, message) -> answers.add(message))
                .build();
        client.connect();
        client.send("hello");
        client.send(ByteString.decodeHex("0001ff"));
        String text = take(answers).text();
        check(text.equals("hello"), text);
        String bytes = take(answers).bytes().hex();
        check(bytes.equals("0001ff"), bytes);
        client.close();
        client.closed().get(10, TimeUnit.SECONDS);
        System.out.println("consumer> the server answered " + text + " and " + bytes);

        try {
            HoldfastClient.builder(args[0]).session(Session.resumable()).build();
            throw new IllegalStateException("a resumable session was built without Jackson");
        } catch (IllegalStateException e) {
            check(e.getMessage().contains("jackson"), e);
            System.out.println("consumer> a resumable session says: " + e.getMessage());
        }
    }

    private static Message take(BlockingQueue<Message> answers) throws InterruptedException {
        Message answer = answers.poll(10, TimeUnit.SECONDS);
        check(answer != null, "no answer");
        return answer;
    }

    private static void check(boolean expected, Object found) {
        if (!expected) throw new IllegalStateException("not as expected: " + found);
    }
}
