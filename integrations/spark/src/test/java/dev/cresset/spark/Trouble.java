package dev.cresset.spark;

import java.util.Iterator;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/** Passes rows on, until something happens to the first try of the first partition half-way. */
enum Trouble implements MapPartitionsFunction<Row, Row> {
    /** The executor's JVM is gone. */
    EXECUTOR_DIES {
        @Override
        void happens() {
            Runtime.getRuntime().halt(17);
        }
    },
    /** The task fails. */
    TASK_FAILS {
        @Override
        void happens() {
            throw new IllegalStateException("the first try fails");
        }
    },
    /** The task stands still, until Spark kills it, for another try was quicker. */
    TASK_HANGS {
        @Override
        void happens() {
            while (!TaskContext.get().isInterrupted()) {
                LockSupport.parkNanos(10_000_000);
            }
            throw new IllegalStateException("killed");
        }
    };

    abstract void happens();

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        TaskContext task = TaskContext.get();
        boolean isFirst = task.partitionId() == 0 && task.attemptNumber() == 0;
        return new Iterator<>() {
            private int passed;

            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Row next() {
                if (isFirst && ++passed == 2_000) {
                    happens();
                }
                return rows.next();
            }
        };
    }
}
