package com.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.server.HoldfastServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.EventListener;

class ApplicationTest {
    private static final int MESSAGES = 5_000;

    /** Stands for what the application does with messages. */
    @TestConfiguration
    static class Inbox {
        final BlockingQueue<ChatLine> lines = new LinkedBlockingQueue<>();

        @EventListener
        void onLine(ChatLine line) {
            lines.add(line);
        }
    }

    private static ConfigurableApplicationContext start() {
        return new SpringApplication(Application.class, Inbox.class)
                .run("--server.port=0", "--live.url=" + System.getProperty("live.url"));
    }

    @Test
    void theBeanReceivesAndLosesNothingAtTheEnd() throws Exception {
        List<Delivery> sent = new ArrayList<>();
        try (ConfigurableApplicationContext context = start()) {
            HoldfastClient client = context.getBean(HoldfastClient.class);
            client.send(new ChatLine("ada", "hello"));
            assertThat(context.getBean(Inbox.class).lines.poll(20, TimeUnit.SECONDS))
                    .isEqualTo(new ChatLine("ada", "hello"));
            for (int i = 0; i < MESSAGES; i++) sent.add(client.send(new ChatLine("ada", "line " + i)));
        }
        // Closing the context has waited for the client, so every outcome is known here.
        assertThat(sent)
                .allMatch(delivery ->
                        delivery.outcomeNow() != null && delivery.outcomeNow().kind() == Outcome.Kind.ACKNOWLEDGED);
        System.out.println("consumer> " + versions() + ": all " + sent.size()
                + " messages acknowledged when the context was closed");
    }

    @Test
    void bootsOwnServerEchoes() throws Exception {
        try (ConfigurableApplicationContext context = start()) {
            String port = context.getEnvironment().getProperty("local.server.port");
            BlockingQueue<String> answers = new LinkedBlockingQueue<>();
            HoldfastClient client = HoldfastClient.builder("ws://localhost:" + port + "/echo")
                    .onMessage((c, message) -> answers.add(message.text()))
                    .build();
            client.connect();
            client.send("hello");
            assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
            client.close();
            assertThat(client.closed().get(20, TimeUnit.SECONDS).code()).isEqualTo(1000);
            System.out.println("consumer> " + versions() + ": Spring's server answered hello");
        }
    }

    /** Its sessions are {@link ServerConfiguration}. */
    @Test
    void aServerInBootGoesOnAfterLostConnections() throws Exception {
        try (ConfigurableApplicationContext context = start()) {
            String port = context.getEnvironment().getProperty("local.server.port");
            HoldfastServer server = context.getBean(HoldfastServer.class);
            BlockingQueue<String> answers = new LinkedBlockingQueue<>();
            HoldfastClient client = HoldfastClient.builder("ws://localhost:" + port + "/live")
                    .session(Session.resumable())
                    .onMessage((c, message) -> answers.add(message.text()))
                    .build();
            client.connect();
            client.send("0");
            assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo("0");
            for (int i = 1; i <= MESSAGES; i++) {
                client.send(Integer.toString(i));
                if (i % 1_000 == 0) server.dropConnections();
            }
            for (int i = 1; i <= MESSAGES; i++) {
                assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo(Integer.toString(i));
            }
            assertThat(server.stats().created()).isEqualTo(1);
            assertThat(server.stats().resumed()).isPositive();
            client.close();
            assertThat(client.closed().get(20, TimeUnit.SECONDS).code()).isEqualTo(1000);
            System.out.println(
                    "consumer> " + versions() + ": " + MESSAGES + " messages answered in order by a server in Boot, "
                            + server.stats().resumed() + " times resumed");
        }
    }

    /** Boot 4 brings Jackson 3, in other packages than the Jackson 2 that the client uses. */
    @Test
    void jacksonThreeRunsBesideJacksonTwo() throws Exception {
        if (!SpringBootVersion.getVersion().startsWith("4.")) return;
        try (ConfigurableApplicationContext context = start()) {
            Class<?> three = Class.forName("tools.jackson.databind.ObjectMapper");
            assertThat(context.getBeansOfType(three)).isNotEmpty();
            Object version = three.getMethod("version").invoke(context.getBean(three));
            HoldfastClient client = context.getBean(HoldfastClient.class);
            client.send(new ChatLine("ada", "hello"));
            assertThat(context.getBean(Inbox.class).lines.poll(20, TimeUnit.SECONDS))
                    .isEqualTo(new ChatLine("ada", "hello"));
            System.out.println("consumer> " + versions() + ": Boot's own mapper is of Jackson " + version);
        }
    }

    private static String versions() {
        return "Boot " + SpringBootVersion.getVersion() + ", Jackson "
                + com.fasterxml.jackson.databind.cfg.PackageVersion.VERSION
                + ", Kotlin " + kotlin.KotlinVersion.CURRENT;
    }
}
