package com.example;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.Manifest;
import android.app.Activity;
import android.app.Application;
import android.os.Looper;
import dev.holdfast.ClientState;
import dev.holdfast.Delivery;
import dev.holdfast.Opening;
import dev.holdfast.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.annotation.Config;

@RunWith(RobolectricTestRunner.class)
@Config(sdk = 34)
public final class ChatTest {
    private final Application application = RuntimeEnvironment.getApplication();

    /** A message is answered, the app goes to the background and comes back, and the session is the same. */
    @Test
    public void theSessionOutlivesTheBackground() throws Exception {
        shadowOf(application).grantPermissions(Manifest.permission.ACCESS_NETWORK_STATE);
        Chat chat = new Chat(application, System.getProperty("resume.url"));
        chat.client.connect();
        ActivityController<Activity> screen =
                Robolectric.buildActivity(Activity.class).setup();
        await(() -> chat.client.state() == ClientState.OPEN);
        Delivery first = chat.client.send(new ChatLine("ada", "hello"));
        await(() -> chat.lines.equals(List.of("ada: hello")));

        screen.pause().stop();
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMinutes(2));
        await(() -> chat.client.state() == ClientState.IDLE);
        Delivery second = chat.client.send(new ChatLine("ada", "from the background"));
        screen.restart().start().resume();
        await(() -> chat.lines.size() == 2);

        assertEquals("ada: from the background", chat.lines.get(1));
        for (Delivery delivery : List.of(first, second)) {
            CompletableFuture<Outcome> outcome = delivery.outcome().toCompletableFuture();
            await(outcome::isDone);
            assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome.get().kind());
        }
        CompletableFuture<Opening> opened = chat.client.opened();
        await(opened::isDone);
        assertTrue(opened.get().isResumed());
        System.out.println("consumer> " + chat.lines + " on Android 14, one session");
        chat.client.cancel();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) throw new AssertionError("did not happen within 20 s");
            Thread.sleep(10);
            shadowOf(Looper.getMainLooper()).idle();
        }
    }
}
