package dev.holdfast.store.sqlite;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The connection that the application's work gets. It cannot end the transaction in which the work runs. */
final class TransactionConnection {
    private static final Set<String> REFUSED =
            new HashSet<>(Arrays.asList("commit", "rollback", "close", "abort", "setAutoCommit"));

    private final Connection connection;
    private volatile boolean ended;

    TransactionConnection(Connection connection) {
        this.connection = connection;
    }

    Connection proxy() {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, this::call);
    }

    void end() {
        ended = true;
    }

    private @Nullable Object call(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        if (ended) throw new IllegalStateException("the transaction of this connection is over");
        boolean toSavepoint = method.getName().equals("rollback") && arguments != null;
        if (REFUSED.contains(method.getName()) && !toSavepoint) {
            throw new IllegalStateException(
                    method.getName() + " would end the transaction in which the message is handled."
                            + " To undo the work, throw an exception");
        }
        try {
            return method.invoke(connection, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }
}
