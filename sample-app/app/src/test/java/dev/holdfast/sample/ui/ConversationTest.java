package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.ChatLine;
import dev.holdfast.sample.model.Mark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import javafx.scene.AccessibleAttribute;
import javafx.scene.Node;
import javafx.scene.control.Control;
import javafx.scene.control.Labeled;
import javafx.scene.input.Clipboard;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is left of the faults: the conversation, the totals, the events, the theme and the keyboard. */
@Timeout(90)
class ConversationTest extends WindowHarness {
    private ChatLine line(String text) {
        return onWindow(() -> conversation().lines().stream()
                .filter(line -> line.text().equals(text))
                .findFirst()
                .orElseThrow());
    }

    private void send(String text) {
        click("#message");
        robot.write(text, 0);
        robot.type(KeyCode.ENTER);
    }

    @Test
    void aMessageIsAcknowledgedAndCounted() {
        robot.interact(() -> demonstration.messagesPerSecond().set(0));
        send("ahoy");
        await("an acknowledgement", () -> line("ahoy").mark() == Mark.ACKNOWLEDGED);
        click("#message");
        robot.write("ahoy again", 0);
        click("#send");
        await("another", () -> line("ahoy again").mark() == Mark.ACKNOWLEDGED);
        await("it in the totals", () -> shown("acknowledged") == totals().sent() && shown("under-way") == 0);
        assertEquals("waiting", Mark.WAITING.label());
    }

    @Test
    void aMessageWaitsWhileThereIsNoConnection() {
        click(Fault.REFUSE);
        await("a failure", () -> logged("failure"));
        send("later");
        assertEquals(Mark.WAITING, line("later").mark());
        click(Fault.REFUSE);
        await("an acknowledgement", () -> line("later").mark() == Mark.ACKNOWLEDGED);
    }

    @Test
    void whatIsUnderWayInASessionThatIsLostFailsAndIsTold() {
        robot.interact(() -> demonstration.messagesPerSecond().set(0));
        await("quiet", () -> totals().underWay() == 0);
        click(Fault.BLACK_HOLE_OUT);
        await("the hole", () -> logged("Black hole out"));
        send("gone");
        await("it in a socket", () -> line("gone").mark() == Mark.WRITTEN);
        click(Fault.EXPIRE_SESSION);
        await("the end of the connection", () -> logged("failure"));
        click(Fault.BLACK_HOLE_OUT);
        await("its end", () -> line("gone").mark() == Mark.FAILED);
        assertTrue(line("gone").detail().startsWith("UNKNOWN"));
        await("it among those told", () -> shown("told-lost") == 1);
        assertEquals(0, shown("lost"));
    }

    @Test
    void theEventsAreFilteredCopiedAndSaved() throws Exception {
        click("#filter");
        robot.write("open", 0);
        String text = onWindow(() -> demonstration.log().text());
        assertTrue(text.lines().allMatch(line -> line.contains("OPEN")), text);
        assertTrue(text.lines().count() >= 1);
        click("#copy");
        assertEquals(text, onWindow(() -> Clipboard.getSystemClipboard().getString()));
        Path file = folder.resolve("events.txt");
        robot.interact(() -> view.demo().log().saveTo(file));
        click("#save");
        await("a file", () -> Files.exists(file));
        robot.interact(() -> demonstration.log().filter(""));
        await("the log to say so", () -> logged("saved to " + file));
        assertEquals(text, Files.readString(file));
    }

    @Test
    void theThemeChanges() {
        assertEquals(Theme.LIGHT, view.theme());
        click("#dark");
        assertEquals(Theme.DARK, view.theme());
        click("#dark");
        assertEquals(Theme.LIGHT, view.theme());
    }

    /** For those who hear what others see. */
    @Test
    void everyControlHasAName() {
        for (String tab : new String[] {"See nothing get lost", "Connect to any server"}) {
            click(tab);
            onWindow(() -> view.lookupAll("*")).stream()
                    .filter(node -> node instanceof Control && node.isFocusTraversable() && node.getId() != null)
                    .forEach(node -> assertTrue(hasName((Control) node), node.toString()));
        }
    }

    private static boolean hasName(Control control) {
        return control.getAccessibleText() != null
                || control.queryAccessibleAttribute(AccessibleAttribute.LABELED_BY) != null
                || (control instanceof Labeled labeled && !labeled.getText().isBlank());
    }

    /** From the first control on, the tabulator comes to every other one. */
    @Test
    void theKeyboardReachesEverything() {
        Set<String> reached = new LinkedHashSet<>();
        for (int i = 0; i < 60; i++) {
            robot.type(KeyCode.TAB);
            Node owner = onWindow(() -> stage.getScene().getFocusOwner());
            if (owner != null && owner.getId() != null) reached.add(owner.getId());
        }
        for (Fault fault : Fault.values()) {
            boolean slider = fault.part() == Fault.Part.PACE;
            assertTrue(slider || reached.contains(FaultPane.id(fault)), fault + " in " + reached);
        }
        for (String id : new String[] {
            "conversation",
            "message",
            "send",
            "pace",
            "storm",
            "delay",
            "throttle",
            "filter",
            "copy",
            "save",
            "log",
            "dark",
            "tabs"
        }) {
            assertTrue(reached.contains(id), id + " in " + reached);
        }
        robot.interact(() -> node("#" + FaultPane.id(Fault.CUT)).requestFocus());
        robot.type(KeyCode.SPACE);
        await("a reconnect", () -> shown("reconnects") == 1);
    }
}
