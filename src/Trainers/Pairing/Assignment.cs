namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The assignment problem: a column for each row, each once, of the least sum of costs.</summary>
/// <remarks>
/// Shortest augmenting paths with potentials (Kuhn 1955, doi:10.1002/nav.3800020109; Jonker and Volgenant 1987, doi:10.1007/BF02278710): row after row is added, and columns change owners along
/// the path of least reduced cost to a free one.
/// </remarks>
internal static class Assignment
{
    /// <summary>The column of each row.</summary>
    /// <param name="costs">The costs [n, n]; finite.</param>
    /// <exception cref="ArgumentException">A cost is not finite.</exception>
    public static int[] Solve(double[,] costs)
    {
        int n = costs.GetLength(0);
        foreach (double cost in costs)
            if (!double.IsFinite(cost))
                throw new ArgumentException($"Costs must be finite, got {cost}.", nameof(costs));
        // Costs less the potentials of row and column are never negative, and 0 where a row owns a column. Column n stands for the row that is added.
        var rowPotentials = new double[n];
        var columnPotentials = new double[n + 1];
        var owners = new int[n + 1];
        Array.Fill(owners, -1);
        for (int row = 0; row < n; row++)
            Add(row);
        var columns = new int[n];
        for (int column = 0; column < n; column++)
            columns[owners[column]] = column;
        return columns;

        void Add(int added)
        {
            var distances = new double[n];
            Array.Fill(distances, double.PositiveInfinity);
            var previous = new int[n];
            var reached = new bool[n + 1];
            owners[n] = added;
            int at = n;
            do
            {
                reached[at] = true;
                int row = owners[at], nearest = -1;
                for (int column = 0; column < n; column++)
                {
                    if (reached[column])
                        continue;
                    double reduced = costs[row, column] - rowPotentials[row] - columnPotentials[column];
                    if (reduced < distances[column])
                        (distances[column], previous[column]) = (reduced, at);
                    if (nearest < 0 || distances[column] < distances[nearest])
                        nearest = column;
                }
                double step = distances[nearest];
                for (int column = 0; column <= n; column++)
                {
                    if (reached[column])
                    {
                        rowPotentials[owners[column]] += step;
                        columnPotentials[column] -= step;
                    }
                    else
                    {
                        distances[column] -= step;
                    }
                }
                at = nearest;
            }
            while (owners[at] >= 0);
            while (at != n)
            {
                owners[at] = owners[previous[at]];
                at = previous[at];
            }
        }
    }
}
