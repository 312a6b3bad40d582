package dev.holdfast.sample.android;

import android.app.Activity;
import android.os.Bundle;
import android.view.Gravity;
import android.view.View;
import android.view.ViewGroup;
import android.view.WindowInsets;
import android.view.inputmethod.EditorInfo;
import android.widget.ArrayAdapter;
import android.widget.Button;
import android.widget.EditText;
import android.widget.LinearLayout;
import android.widget.ListView;
import android.widget.Switch;
import android.widget.TextView;
import org.jspecify.annotations.Nullable;

/** The chat's screen. It holds nothing but the draft, which the system saves with the view. */
public final class ChatActivity extends Activity {
    /** Views with an id keep their state when the activity is created anew, in another process as well. */
    static final int DRAFT = 1;

    static final int ONLINE = 2;
    static final int STATUS = 3;
    static final int LINES = 4;
    static final int SEND = 5;

    private final Runnable show = this::show;

    private @Nullable Chat chat;
    private @Nullable Switch online;
    private @Nullable TextView status;
    private @Nullable ArrayAdapter<String> lines;

    @Override
    protected void onCreate(@Nullable Bundle state) {
        super.onCreate(state);
        Chat opened = ((ChatApplication) getApplication()).chat();
        chat = opened;

        Switch connected = new Switch(this);
        connected.setId(ONLINE);
        connected.setSaveEnabled(false);
        connected.setText("Connected");
        connected.setOnClickListener(view -> opened.setOnline(connected.isChecked()));
        online = connected;

        TextView line = new TextView(this);
        line.setId(STATUS);
        status = line;

        ArrayAdapter<String> adapter = new ArrayAdapter<>(this, android.R.layout.simple_list_item_1);
        lines = adapter;
        ListView list = new ListView(this);
        list.setId(LINES);
        list.setAdapter(adapter);
        list.setTranscriptMode(ListView.TRANSCRIPT_MODE_NORMAL);
        list.setStackFromBottom(true);

        EditText draft = new EditText(this);
        draft.setId(DRAFT);
        draft.setSingleLine();
        draft.setHint("Message");
        draft.setImeOptions(EditorInfo.IME_ACTION_SEND);
        Button send = new Button(this);
        send.setId(SEND);
        send.setText("Send");
        send.setOnClickListener(view -> send(draft));
        draft.setOnEditorActionListener((view, action, event) -> {
            send(draft);
            return true;
        });

        LinearLayout bottom = new LinearLayout(this);
        bottom.setGravity(Gravity.CENTER_VERTICAL);
        bottom.addView(draft, new LinearLayout.LayoutParams(0, ViewGroup.LayoutParams.WRAP_CONTENT, 1));
        bottom.addView(send);

        LinearLayout all = new LinearLayout(this);
        all.setOrientation(LinearLayout.VERTICAL);
        all.addView(connected);
        all.addView(line);
        all.addView(list, new LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, 0, 1));
        all.addView(bottom);
        all.setOnApplyWindowInsetsListener(ChatActivity::keepClearOfBars);
        setContentView(all);
    }

    /** From Android 15 on a window reaches below the system's bars. */
    @SuppressWarnings("deprecation") // The method that replaces it needs API 30.
    private static WindowInsets keepClearOfBars(View view, WindowInsets insets) {
        view.setPadding(
                insets.getSystemWindowInsetLeft(),
                insets.getSystemWindowInsetTop(),
                insets.getSystemWindowInsetRight(),
                insets.getSystemWindowInsetBottom());
        return insets;
    }

    @Override
    protected void onStart() {
        super.onStart();
        if (chat != null) chat.setScreen(show);
    }

    @Override
    protected void onStop() {
        if (chat != null) chat.removeScreen(show);
        super.onStop();
    }

    private void send(EditText draft) {
        String text = draft.getText().toString().trim();
        if (text.isEmpty() || chat == null) return;
        chat.send(text);
        draft.setText("");
    }

    private void show() {
        if (chat == null || online == null || status == null || lines == null) return;
        online.setChecked(chat.isOnline());
        status.setText(chat.status());
        lines.setNotifyOnChange(false);
        lines.clear();
        lines.addAll(chat.lines());
        lines.notifyDataSetChanged();
    }
}
