package androidx.work;

import android.content.Context;

/** Stands in for the class of AndroidX, which is not on Maven Central. */
public abstract class ListenableWorker {
    /** How a run ended. */
    public abstract static class Result {
        public static Result success() {
            return new Result() {};
        }

        public static Result retry() {
            return new Result() {};
        }
    }

    protected ListenableWorker(Context context, WorkerParameters parameters) {}
}
