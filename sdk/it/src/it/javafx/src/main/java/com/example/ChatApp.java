package com.example;

import dev.holdfast.HoldfastClient;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.scene.control.ListView;
import javafx.stage.Stage;

// desktop
public class ChatApp extends Application {
    final ListView<String> lines = new ListView<>();
    HoldfastClient client;

    @Override
    public void start(Stage stage) {
        client = HoldfastClient.builder(getParameters().getRaw().get(0))
                .callbackExecutor(Platform::runLater)
                .onMessage((c, message) -> lines.getItems().add(message.text()))
                .build();
        client.connect();

        Platform.setImplicitExit(false); // the toolkit lives until the queue is sent
        stage.setOnHidden(event -> {
            client.close();
            client.closed().thenRun(Platform::exit);
        });
        stage.setScene(new Scene(lines));
        stage.show();
    }
}
// end
