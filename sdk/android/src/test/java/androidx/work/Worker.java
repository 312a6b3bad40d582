package androidx.work;

import android.content.Context;

/** Stands in for the class of AndroidX, which is not on Maven Central. */
public abstract class Worker extends ListenableWorker {
    protected Worker(Context context, WorkerParameters parameters) {
        super(context, parameters);
    }

    public abstract Result doWork();
}
