package com.example;

import dev.holdfast.Delivery;
import dev.holdfast.Outcome;
import java.util.ArrayList;
import java.util.List;
import javafx.application.Application;
import javafx.collections.ListChangeListener;
import javafx.stage.Stage;

/** Starts the application, and closes its window when the first answer is shown and more messages wait. */
public final class Main {
    private static final int MESSAGES = 5_000;

    private static final List<String> shown = new ArrayList<>();
    private static final List<Delivery> sent = new ArrayList<>();

    private Main() {}

    /** Uses the window as a person would. */
    public static final class UsedApp extends ChatApp {
        @Override
        public void start(Stage stage) {
            super.start(stage);
            lines.getItems().addListener((ListChangeListener<String>) change -> {
                shown.addAll(change.getList());
                if (sent.size() > 1) return;
                for (int i = 0; i < MESSAGES; i++) sent.add(client.send("line " + i));
                stage.hide();
            });
            sent.add(client.send("hello"));
        }
    }

    public static void main(String[] args) {
        Application.launch(UsedApp.class, args);
        check(shown.get(0).equals("hello"), shown.get(0));
        for (Delivery delivery : sent) {
            Outcome outcome = delivery.outcomeNow();
            check(outcome != null && outcome.kind() == Outcome.Kind.WRITTEN, outcome);
        }
        System.out.println("consumer> the window showed " + shown.get(0) + "; " + sent.size()
                + " messages were sent before the application ended");
    }

    private static void check(boolean expected, Object found) {
        if (!expected) throw new IllegalStateException("not as expected: " + found);
    }
}
