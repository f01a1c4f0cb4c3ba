namespace Microsoft.ML.Diffusion;

/// <summary>
/// The grid of a scheduler of diffusers over a table of β: its timesteps, or σ along a curve with the timesteps that the network is told there. The names of options are those of
/// scheduler_config.json.
/// </summary>
internal sealed class SchedulerSpacing : TimeSpacing
{
    /// <summary>timestep_spacing.</summary>
    public TimestepPlaces Places { get; init; }

    /// <summary>steps_offset, for leading places.</summary>
    public int Offset { get; init; }

    /// <summary>Whether the run is divided into one part more than it has steps, as by multistep schedulers.</summary>
    public bool OpenEnded { get; init; }

    /// <summary>Whether timesteps may lie between those of the table, where σ is linear.</summary>
    public bool Fractional { get; init; }

    /// <summary>use_karras_sigmas and its kin.</summary>
    public SigmaCurve Curve { get; init; }

    /// <summary>sigma_min of the curve; the smallest there is where null.</summary>
    public double? SigmaMin { get; init; }

    /// <summary>sigma_max of the curve; the largest there is where null.</summary>
    public double? SigmaMax { get; init; }

    /// <summary>Whether the curve spans the table, not only the timesteps.</summary>
    public bool WholeTable { get; init; }

    /// <summary>The timestep that the network is told of a σ of the curve.</summary>
    public TimestepRounding Rounding { get; init; }

    /// <summary>lambda_min_clipped; −∞ where null.</summary>
    public double? LambdaMin { get; init; }

    /// <summary>Where the run ends.</summary>
    public RunEnd End { get; init; }

    /// <summary>Whether states are variance-exploding, x0 + σ·ε.</summary>
    public bool Exploding { get; init; }

    /// <summary>Whether levels are those of the table itself, pure noise too.</summary>
    public bool TableLevels { get; init; }

    /// <summary>Whether, of the table's levels, each step goes ⌊T/N⌋ timesteps down, wherever the next one starts.</summary>
    public bool EvenStrides { get; init; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The options do not suit the number of steps; names the option.</exception>
    public override TimeGrid Grid(NoiseSchedule schedule, int steps)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        CheckSteps(steps);
        if (schedule is not DiscreteSchedule table)
            throw new ArgumentException($"The spacing is one of timesteps, but {schedule.GetType().Name} is no schedule of a table of β.", nameof(schedule));
        if (steps > table.Steps)
            throw new ArgumentException($"The schedule has {table.Steps} steps (num_train_timesteps); sampling can not have {steps}.", nameof(steps));
        return TableLevels ? TableGrid(table, steps) : SigmaGrid(table, steps);
    }

    // Levels straight from the table.
    private TimeGrid TableGrid(DiscreteSchedule table, int steps)
    {
        int[] places = [.. Positions(table.Steps, table.Steps, steps).Select(position => (int)position)];
        var end = End == RunEnd.Clean ? NoiseLevel.Clean : table.LevelOf(0);
        var arrivals = EvenStrides ? Array.ConvertAll(places, place => place - table.Steps / steps is >= 0 and int next ? table.LevelOf(next) : end) : null;
        // The last arrival is the end of the run, also where timesteps are left below it.
        NoiseLevel[] levels = [.. places.Select(table.LevelOf), arrivals is null ? end : arrivals[^1]];
        return new TimeGrid(table, [.. places.Append(-1).Select(table.TimeOfStep)], levels, new GridExtras([.. places.Select(place => (double?)table.TimeOfStep(place)), null], arrivals));
    }

    private TimeGrid SigmaGrid(DiscreteSchedule schedule, int steps)
    {
        var table = new SigmaTable(schedule);
        int last = schedule.Steps - 1;
        double[] told = Positions(schedule.Steps, LambdaMin is { } bound ? table.StepsAbove(bound) : schedule.Steps, steps);
        double[] sigmas = Array.ConvertAll(told, table.At);
        if (Curve != SigmaCurve.None)
        {
            double smallest = SigmaMin ?? (WholeTable ? table.Smallest : sigmas[^1]), largest = SigmaMax ?? (WholeTable ? table.Largest : sigmas[0]);
            sigmas = SigmaCurves.Of(Curve, smallest, largest, steps);
            told = Array.ConvertAll(sigmas, sigma => Round(table.PositionOf(sigma)));
        }
        double end = End switch { RunEnd.Clean => 0, RunEnd.FirstStep => table.Smallest, _ => sigmas[^1] };
        if (end > sigmas[^1])
            // The same σ by two ways.
            end = end <= sigmas[^1] * (1 + 1e-9) ? sigmas[^1] : throw new ArgumentException(FormattableString.Invariant(
                $"final_sigmas_type sigma_min ends the run at σ = {end}, above the last step's {sigmas[^1]}: the run would get noisier (sigma_min, sigma_max)."));
        double[] all = [.. sigmas, end];
        double?[] times = [.. told.Select(position => (double?)(position / last)), null];
        return Exploding
            ? SchedulerGrids.Exploding(all, times, Places == TimestepPlaces.Leading ? Math.Sqrt(all[0] * all[0] + 1) : all[0])
            : SchedulerGrids.Preserving(schedule, table, all, times);
    }

    private double Round(double position) => Rounding switch
    {
        TimestepRounding.Nearest => Math.Round(position),
        TimestepRounding.Down => Math.Floor(position),
        _ => position,
    };

    // The timesteps, falling, of the first steps of the table.
    private double[] Positions(int total, int first, int count)
    {
        int parts = OpenEnded ? count + 1 : count;
        double[] positions = Places switch
        {
            TimestepPlaces.Leading => [.. Down(parts).Select(i => (double)(i * (first / parts) + Offset))],
            TimestepPlaces.Trailing => [.. Enumerable.Range(0, count).Select(i => Math.Round(first - i * ((double)total / count)) - 1)],
            // A single step visits timestep 0.
            _ => [.. Down(parts).Select(i => i == 0 ? 0 : i == parts - 1 ? first - 1 : i * ((first - 1.0) / (parts - 1))).Select(position => Fractional ? position : Math.Round(position))],
        };
        if (OpenEnded && Places != TimestepPlaces.Trailing)
            positions = positions[..^1];
        if (positions[0] > total - 1)
            throw new ArgumentException($"steps_offset {Offset} with {count} steps goes beyond the last of the schedule's {total} timesteps; use a smaller offset or fewer steps.");
        for (int i = 0; i < count; i++)
            if (positions[i] < 0 || (i > 0 && positions[i] >= positions[i - 1]))
                throw new ArgumentException(LambdaMin is null
                    ? $"timestep_spacing gives no {count} different timesteps of {total} (num_train_timesteps); use fewer steps."
                    : $"lambda_min_clipped leaves no {count} different timesteps with this timestep_spacing; use fewer steps.");
        return positions;
    }

    private static IEnumerable<int> Down(int count) => Enumerable.Range(0, count).Reverse();
}
