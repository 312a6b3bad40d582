package com.example.app;

import dev.holdfast.Compression;
import dev.holdfast.FrameLog;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.TypeRef;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Sends and receives objects in a resumable session, and prints what goes over the wire. */
public final class JsonApp {
    private JsonApp() {}

    public static void main(String[] args) throws Exception {
        BlockingQueue<Message> answers = new LinkedBlockingQueue<>();
        HoldfastClient client = HoldfastClient.builder(args[0])
                .session(Session.resumable())
                .compression(Compression.none())
                .addEventListener(FrameLog.to(System.out).withPayloadBytes(400))
                .onMessage((c, message) -> answers.add(message))
                .build();
        client.connect();
        try {
            if (args[1].equals("bare")) {
                send(client, new Bare("ada", "hello"));
                return;
            }
            send(client, new ChatLine("ada", "hello"));
            print(receive(answers).read(ChatLine.class));

            Order order = new Order();
            order.side = Order.Side.SELL;
            order.amount = 3;
            order.notes = List.of(new ChatLine("bob", "soon"));
            send(client, order);
            print(receive(answers).read(Order.class));

            client.reconnect().get(10, TimeUnit.SECONDS);
            send(client, List.of(new ChatLine("cy", "first"), new ChatLine("cy", "second")));
            List<ChatLine> lines = receive(answers).read(new TypeRef<List<ChatLine>>() {});
            print(lines.get(1).getText());

            send(client, new Price("ACME", 1250));
            print(receive(answers).read(Price.class).cents());
        } finally {
            client.close();
            client.closed().get(10, TimeUnit.SECONDS);
        }
    }

    private static void send(HoldfastClient client, Object object) throws Exception {
        Outcome outcome = client.send(object).outcome().get(10, TimeUnit.SECONDS);
        print(outcome);
    }

    private static Message receive(BlockingQueue<Message> answers) throws InterruptedException {
        Message answer = answers.poll(10, TimeUnit.SECONDS);
        if (answer == null) throw new IllegalStateException("no answer in 10 s");
        return answer;
    }

    private static void print(Object object) {
        System.out.println("app> " + object);
    }
}
