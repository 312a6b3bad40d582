package dev.holdfast.sample.ui;

import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import javafx.scene.control.Control;
import javafx.scene.control.IndexedCell;
import javafx.scene.control.ListView;
import javafx.scene.control.TableView;
import javafx.scene.control.skin.VirtualFlow;
import org.jspecify.annotations.Nullable;

/**
 * Scrolls a list or a table to its newest row. JavaFX alone stops a row short of a row that is being added, and shows
 * nothing but the newest row, at the top, if there is exactly enough room for all of them. So this looks at the outcome.
 */
final class ListEnd {
    private static final double TOLERANCE = 0.5;

    private final Control control;
    private final IntSupplier size;
    private final IntConsumer scrollTo;
    private final double rowHeight;
    private @Nullable VirtualFlow<?> flow;

    private ListEnd(Control control, IntSupplier size, IntConsumer scrollTo, double rowHeight) {
        this.control = control;
        this.size = size;
        this.scrollTo = scrollTo;
        this.rowHeight = rowHeight;
    }

    /** Returns the end of a list whose rows all have its fixed height. */
    static ListEnd of(ListView<?> list) {
        return new ListEnd(list, () -> list.getItems().size(), list::scrollTo, list.getFixedCellSize());
    }

    /** Returns the end of a table whose rows all have its fixed height. */
    static ListEnd of(TableView<?> table) {
        return new ListEnd(table, () -> table.getItems().size(), table::scrollTo, table.getFixedCellSize());
    }

    /** Scrolls to the newest row, unless it is in its place. Call it once per pulse: one call may not be enough. */
    void show() {
        if (!isShown()) show(size.getAsInt() - 1);
    }

    /** Scrolls to a row. If there is room for all rows, they all stay in sight. */
    void show(int row) {
        VirtualFlow<?> rows = flow();
        boolean allFit = rows != null && fits(rows);
        if (row >= 0) scrollTo.accept(allFit ? 0 : row);
    }

    /** Returns whether the newest row is in its place: at the lower edge, or as far down as there are rows. */
    boolean isShown() {
        VirtualFlow<?> rows = flow();
        if (rows == null || size.getAsInt() == 0 || rows.getHeight() < rowHeight) return true;
        IndexedCell<?> last = rows.getLastVisibleCell();
        if (last == null || last.getIndex() != size.getAsInt() - 1) return false;
        double bottom = last.getBoundsInParent().getMaxY();
        double room = rows.getHeight();
        if (fits(rows)) return Math.abs(bottom - size.getAsInt() * rowHeight) < TOLERANCE;
        return bottom < room + TOLERANCE && bottom > room - rowHeight;
    }

    private boolean fits(VirtualFlow<?> rows) {
        return size.getAsInt() * rowHeight < rows.getHeight() + TOLERANCE;
    }

    /** Returns the part of the control that has the rows; null before it is shown for the first time. */
    private @Nullable VirtualFlow<?> flow() {
        if (flow == null) flow = (VirtualFlow<?>) control.lookup(".virtual-flow");
        return flow;
    }
}
