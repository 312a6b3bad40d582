package com.example;

import com.fasterxml.jackson.databind.cfg.PackageVersion;
import dev.holdfast.CloseReason;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Opening;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Sends a line of a chat in a resumable session, resumes the session on another connection, and sends another one. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        BlockingQueue<ChatLine> answers = new LinkedBlockingQueue<>();
        HoldfastClient client = HoldfastClient.builder(args[0])
                .session(Session.resumable())
                .onMessage((c, message) -> answers.add(message.read(ChatLine.class)))
                .build();
        client.connect();
        exchange(client, answers, new ChatLine("ada", "hello"));

        Opening opening = client.reconnect().get(10, TimeUnit.SECONDS);
        check(opening.isResumed(), opening);
        exchange(client, answers, new ChatLine("ada", "hello again"));

        client.close();
        CloseReason reason = client.closed().get(10, TimeUnit.SECONDS);
        check(reason.code() == 1000, reason);
        System.out.println("consumer> resumed once, closed with " + reason.code());
    }

    private static void exchange(HoldfastClient client, BlockingQueue<ChatLine> answers, ChatLine line)
            throws Exception {
        Outcome outcome = client.send(line).outcome().get(10, TimeUnit.SECONDS);
        check(outcome.kind() == Outcome.Kind.ACKNOWLEDGED, outcome);
        ChatLine answer = answers.poll(10, TimeUnit.SECONDS);
        check(String.valueOf(answer).equals(line.toString()), answer);
        System.out.println("consumer> with Jackson " + PackageVersion.VERSION + " the server answered " + answer);
    }

    private static void check(boolean expected, Object found) {
        if (!expected) throw new IllegalStateException("not as expected: " + found);
    }
}
