package dev.holdfast.sample.ui;

import dev.holdfast.sample.model.AnyServer;
import dev.holdfast.sample.model.RecentServers;
import dev.holdfast.sample.model.ServerSettings;
import dev.holdfast.sample.model.ServerSettings.Kind;
import dev.holdfast.sample.model.WindowSettings;
import javafx.collections.FXCollections;
import javafx.geometry.HPos;
import javafx.geometry.Insets;
import javafx.geometry.Orientation;
import javafx.geometry.Pos;
import javafx.geometry.VPos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ChoiceBox;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.SplitPane;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/** A view that connects to any server that the user names, shows the messages received and sends what is typed. */
final class ConnectView extends StackPane {
    private static final int HEADER_ROWS = 3;
    private static final int STOMP_HEADER_ROWS = 2;

    private final AnyServer server;
    private final RecentServers recent;
    private final TextField url = new TextField("wss://");
    private final TextArea headers = new TextArea();
    private final TextField subprotocols = new TextField();
    private final ChoiceBox<Kind> kind = new ChoiceBox<>(FXCollections.observableArrayList(Kind.values()));
    private final TextArea stompHeaders = new TextArea();
    private final TextField pointer = new TextField("/id");
    private final TextField parameter = new TextField("since");
    private final TextField proxy = new TextField();
    private final StateLabel state = new StateLabel("any-state");
    private final ListView<ServerSettings> list = new ListView<>();
    private final LogPane log;

    ConnectView(AnyServer server, RecentServers recent, WindowSettings remembered) {
        this.server = server;
        this.recent = recent;
        log = new LogPane("Messages", "any-", server.log(), true);
        setPadding(new Insets(8));
        VBox settings =
                new VBox(8, ConversationPane.title("Server"), form(), buttons(), explanation(), recentServers());
        settings.getStyleClass().add("card");
        settings.setMinWidth(340);
        VBox talk = new VBox(8, log, sendBox());
        talk.getStyleClass().add("card");
        VBox.setVgrow(log, Priority.ALWAYS);
        SplitPane split = Splits.of(remembered, "server", 0.4, Orientation.HORIZONTAL, settings, talk);
        SplitPane.setResizableWithParent(settings, false);
        getChildren().add(split);
    }

    LogPane log() {
        return log;
    }

    private GridPane form() {
        url.setId("any-url");
        headers.setId("any-headers");
        headers.setPromptText("Name: value, one a line; not remembered");
        headers.setPrefRowCount(HEADER_ROWS);
        headers.setMinHeight(TextArea.USE_PREF_SIZE);
        subprotocols.setId("any-subprotocols");
        subprotocols.setPromptText("chat.v1, or none");
        kind.setId("any-kind");
        kind.setValue(Kind.NONE);
        kind.setMaxWidth(Double.MAX_VALUE);
        stompHeaders.setId("any-stomp-headers");
        stompHeaders.setPromptText("host: /, one a line; not remembered");
        stompHeaders.setPrefRowCount(STOMP_HEADER_ROWS);
        stompHeaders.setMinHeight(TextArea.USE_PREF_SIZE);
        stompHeaders.disableProperty().bind(kind.valueProperty().isNotEqualTo(Kind.STOMP));
        pointer.setId("any-pointer");
        parameter.setId("any-parameter");
        proxy.setId("any-proxy");
        proxy.setPromptText("host:port, or none");
        pointer.disableProperty().bind(kind.valueProperty().isNotEqualTo(Kind.LAST_MESSAGE_ID));
        parameter.disableProperty().bind(pointer.disableProperty());
        kind.valueProperty().addListener((changed, was, is) -> subprotocols.setDisable(!is.takesSubprotocols()));
        GridPane form = new GridPane();
        form.setHgap(8);
        form.setVgap(6);
        ColumnConstraints names = new ColumnConstraints();
        names.setMinWidth(Label.USE_PREF_SIZE);
        names.setHalignment(HPos.RIGHT);
        ColumnConstraints values = new ColumnConstraints();
        values.setHgrow(Priority.ALWAYS);
        form.getColumnConstraints().addAll(names, values);
        row(form, 0, "_URL", url);
        row(form, 1, "_Headers", headers);
        row(form, 2, "Subprotocol", subprotocols);
        row(form, 3, "Pro_tocol", kind);
        row(form, 4, "STOMP headers", stompHeaders);
        row(form, 5, "Id at (JSON pointer)", pointer);
        row(form, 6, "Id in query as", parameter);
        row(form, 7, "Pro_xy", proxy);
        url.setOnAction(event -> connect());
        return form;
    }

    private static void row(GridPane form, int row, String name, Node value) {
        Label label = new Label(name);
        label.setMnemonicParsing(true);
        label.setLabelFor(value);
        GridPane.setValignment(label, VPos.TOP);
        label.setPadding(new Insets(4, 0, 0, 0));
        form.addRow(row, label, value);
    }

    private HBox buttons() {
        Button connect = new Button("_Connect");
        connect.setId("any-connect");
        connect.setOnAction(event -> connect());
        Button disconnect = new Button("Disco_nnect");
        disconnect.setId("any-disconnect");
        disconnect.setOnAction(event -> server.close());
        disconnect.disableProperty().bind(server.connected().not());
        server.state().addListener((changed, was, is) -> state.show(is));
        HBox buttons = new HBox(8, connect, disconnect, state);
        buttons.setAlignment(Pos.CENTER_LEFT);
        return buttons;
    }

    private Label explanation() {
        Label explanation = new Label();
        explanation.setId("any-explanation");
        explanation.getStyleClass().add("problem");
        explanation.setWrapText(true);
        explanation.setMinHeight(Label.USE_PREF_SIZE);
        explanation.textProperty().bind(server.explanation());
        return explanation;
    }

    private VBox recentServers() {
        list.setItems(recent.servers());
        list.setId("any-recent");
        list.setPlaceholder(new Label("None so far"));
        list.setCellFactory(view -> new RecentCell());
        list.getSelectionModel().selectedItemProperty().addListener((changed, was, is) -> {
            if (is != null) show(is);
        });
        VBox.setVgrow(list, Priority.ALWAYS);
        Label title = new Label("_Recent");
        title.setMnemonicParsing(true);
        title.setLabelFor(list);
        title.getStyleClass().add("title");
        VBox box = new VBox(4, title, list);
        VBox.setVgrow(box, Priority.ALWAYS);
        box.setMinHeight(60);
        return box;
    }

    private HBox sendBox() {
        TextField text = new TextField();
        text.setId("any-message");
        text.promptTextProperty().bind(kind.valueProperty().map(Kind::hint));
        text.setAccessibleText("A text message");
        Button send = new Button("_Send");
        send.setId("any-send");
        Runnable sending = () -> {
            if (text.getText().isEmpty() || !server.connected().get()) return;
            server.send(text.getText());
            text.clear();
        };
        send.setOnAction(event -> sending.run());
        text.setOnAction(event -> sending.run());
        send.disableProperty().bind(server.connected().not());
        HBox.setHgrow(text, Priority.ALWAYS);
        HBox box = new HBox(6, text, send);
        box.setAlignment(Pos.CENTER_LEFT);
        return box;
    }

    private void connect() {
        ServerSettings settings = new ServerSettings(
                url.getText(),
                headers.getText(),
                subprotocols.getText(),
                kind.getValue(),
                stompHeaders.getText(),
                pointer.getText(),
                parameter.getText(),
                proxy.getText());
        if (!server.connect(settings)) return;
        // The entry moves up, and another one must not be shown in its place.
        list.getSelectionModel().clearSelection();
        recent.add(settings);
    }

    /** Fills in the form. */
    private void show(ServerSettings settings) {
        url.setText(settings.url());
        headers.setText(settings.headers());
        subprotocols.setText(settings.subprotocols());
        kind.setValue(settings.kind());
        stompHeaders.setText(settings.stompHeaders());
        pointer.setText(settings.pointer());
        parameter.setText(settings.parameter());
        proxy.setText(settings.proxy());
    }

    private static final class RecentCell extends ListCell<ServerSettings> {
        RecentCell() {
            setPrefWidth(0);
        }

        private static String title(ServerSettings settings) {
            return settings.url() + (settings.kind() == Kind.NONE ? "" : "  (" + settings.kind() + ")");
        }

        @Override
        protected void updateItem(@Nullable ServerSettings settings, boolean empty) {
            super.updateItem(settings, empty);
            setText(settings == null ? null : title(settings));
        }
    }
}
