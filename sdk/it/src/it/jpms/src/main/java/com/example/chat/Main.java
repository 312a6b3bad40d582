package com.example.chat;

import dev.holdfast.HoldfastClient;
import dev.holdfast.Session;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Sends a line of a chat and receives it again, with each library in a module of its own. */
final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        Module holdfast = HoldfastClient.class.getModule();
        check(holdfast.isNamed() && !holdfast.getDescriptor().isAutomatic(), holdfast);
        check(ModuleLayer.boot().findModule("java.desktop").isEmpty(), "a whole JDK");

        BlockingQueue<ChatLine> answers = new LinkedBlockingQueue<>();
        HoldfastClient client = HoldfastClient.builder(args[0])
                .session(Session.resumable())
                .onMessage((c, message) -> answers.add(message.read(ChatLine.class)))
                .build();
        client.connect();
        ChatLine line = new ChatLine("ada", "hello");
        client.send(line);
        ChatLine answer = answers.poll(10, TimeUnit.SECONDS);
        check(line.equals(answer), answer);
        client.close();
        client.closed().get(10, TimeUnit.SECONDS);

        List<String> jdk = ModuleLayer.boot().modules().stream()
                .map(Module::getName)
                .filter(name -> name.startsWith("java.") || name.startsWith("jdk."))
                .sorted()
                .toList();
        System.out.println("consumer> " + holdfast.getDescriptor().toNameAndVersion() + " on an image of " + jdk
                + ": the server answered " + answer);
    }

    private static void check(boolean expected, Object found) {
        if (!expected) throw new IllegalStateException("not as expected: " + found);
    }
}
