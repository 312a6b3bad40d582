package dev.holdfast.sample.ui;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.sample.model.LogEvent;
import dev.holdfast.sample.model.LogEvent.Body;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javafx.scene.control.Label;
import javafx.scene.control.Tab;
import javafx.scene.control.TabPane;
import javafx.scene.control.TextArea;
import javafx.scene.control.TreeItem;
import javafx.scene.control.TreeView;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The details of one line of the log: its text, a tree of its JSON, and its bytes. Each is made when its tab is shown,
 * and shows no more than the window can draw without a pause.
 */
final class DetailPane extends TabPane {
    private static final int MAX_CHARS = 20_000;
    private static final int MAX_BYTES = 4_096;
    private static final int MAX_JSON = 200_000;
    private static final int MAX_CHILDREN = 500;
    private static final int BYTES_PER_ROW = 16;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TextArea text = area();
    private final TextArea hex = area();
    private final TreeView<String> tree = new TreeView<>();
    private final Tab textTab = new Tab("Text", text);
    private final Tab jsonTab = new Tab("JSON");
    private final Tab hexTab = new Tab("Hex", hex);
    private @Nullable LogEvent event;

    DetailPane(String prefix) {
        setId(prefix + "detail");
        setAccessibleText("Details");
        text.setId(prefix + "detail-text");
        text.setAccessibleText("Text");
        text.setWrapText(true);
        tree.setId(prefix + "detail-json");
        tree.setAccessibleText("JSON");
        hex.setId(prefix + "detail-hex");
        hex.setAccessibleText("Bytes");
        hex.getStyleClass().add("hex");
        setTabClosingPolicy(TabClosingPolicy.UNAVAILABLE);
        getTabs().addAll(textTab, jsonTab, hexTab);
        getSelectionModel().selectedItemProperty().addListener((changed, was, is) -> fill());
        setMinWidth(120);
    }

    private static TextArea area() {
        TextArea area = new TextArea();
        area.setEditable(false);
        return area;
    }

    void show(LogEvent newEvent) {
        event = newEvent;
        fill();
    }

    private void fill() {
        LogEvent shown = event;
        if (shown == null) return;
        Body body = shown.body();
        String whole = body == null || body.text() == null ? shown.text() : body.text();
        ByteString bytes = body == null ? null : body.bytes();
        Tab tab = getSelectionModel().getSelectedItem();
        if (tab == textTab) {
            String words = bytes == null ? whole : bytes.size() + " bytes, see Hex";
            text.setText(start(words, shown));
        } else if (tab == hexTab) {
            hex.setText(dump(bytes == null ? prefix(whole) : bytes, bytes == null ? whole.length() : bytes.size()));
        } else {
            jsonTab.setContent(json(bytes == null ? whole : ""));
        }
    }

    private static String start(String words, LogEvent shown) {
        boolean dropped = shown.body() == null && shown.size() > LogEvent.MAX_TEXT;
        if (dropped) return words + "\n\nThe log no longer keeps the rest of this message.";
        if (words.length() <= MAX_CHARS) return words;
        return words.substring(0, MAX_CHARS) + "\n\n\u2026 and " + (words.length() - MAX_CHARS) + " more characters";
    }

    private static ByteString prefix(String words) {
        return ByteString.encodeString(words.substring(0, Math.min(words.length(), MAX_BYTES)), StandardCharsets.UTF_8);
    }

    /** Returns rows of an offset, sixteen bytes, and what they are in ASCII. */
    private static String dump(ByteString bytes, int size) {
        StringBuilder rows = new StringBuilder();
        int end = Math.min(bytes.size(), MAX_BYTES);
        for (int row = 0; row < end; row += BYTES_PER_ROW) {
            StringBuilder ascii = new StringBuilder();
            rows.append(String.format(Locale.ROOT, "%06x ", row));
            for (int i = row; i < row + BYTES_PER_ROW; i++) {
                if (i >= end) {
                    rows.append("   ");
                    continue;
                }
                int value = bytes.getByte(i) & 0xff;
                rows.append(String.format(Locale.ROOT, " %02x", value));
                ascii.append(value >= ' ' && value < 0x7f ? (char) value : '.');
            }
            rows.append("  ").append(ascii).append('\n');
        }
        if (size > end) rows.append("\u2026 of ").append(size);
        return rows.toString();
    }

    private javafx.scene.Node json(String words) {
        if (words.length() > MAX_JSON) return note("More than " + MAX_JSON + " characters: too long for a tree.");
        try {
            JsonNode root = JSON.readTree(words);
            if (root == null || root.isMissingNode()) return note("This is not JSON.");
            tree.setRoot(item("", root));
            return tree;
        } catch (JsonProcessingException e) {
            return note("This is not JSON.");
        }
    }

    private static Label note(String words) {
        Label label = new Label(words);
        label.setWrapText(true);
        label.getStyleClass().add("note");
        return label;
    }

    private static TreeItem<String> item(String name, JsonNode value) {
        String start = name.isEmpty() ? "" : name + ": ";
        if (value.isValueNode()) return new TreeItem<>(start + value);
        TreeItem<String> item =
                new TreeItem<>(start + (value.isArray() ? "[" + value.size() + "]" : "{" + value.size() + "}"));
        item.setExpanded(true);
        int children = 0;
        if (value.isArray()) {
            for (int i = 0; i < value.size() && i < MAX_CHILDREN; i++) {
                item.getChildren().add(item(Integer.toString(i), value.get(i)));
            }
            children = Math.min(value.size(), MAX_CHILDREN);
        } else {
            for (var field : value.properties()) {
                if (children++ == MAX_CHILDREN) break;
                item.getChildren().add(item(field.getKey(), field.getValue()));
            }
        }
        if (value.size() > MAX_CHILDREN)
            item.getChildren().add(new TreeItem<>("\u2026 " + (value.size() - MAX_CHILDREN) + " more"));
        return item;
    }
}
