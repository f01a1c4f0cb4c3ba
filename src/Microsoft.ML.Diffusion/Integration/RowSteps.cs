namespace Microsoft.ML.Diffusion;

/// <summary>Where each row of an integration stands, and the step that it tries.</summary>
internal sealed class RowSteps
{
    private readonly double _end;
    private readonly double[] _sizes;
    private readonly bool[] _rejected;

    public RowSteps(int count, double from, double to)
    {
        _end = to;
        Direction = Math.Sign(to - from);
        Distance = Math.Abs(to - from);
        _sizes = new double[count];
        _rejected = new bool[count];
        Times = new double[count];
        Array.Fill(Times, from);
        Active = new bool[count];
        Array.Fill(Active, from != to);
        Accepted = new bool[count];
        Passed = new bool[count];
        Lengths = new double[count];
        Shares = new double[count];
    }

    /// <summary>+1 where time rises, −1 where it falls.</summary>
    public int Direction { get; }

    /// <summary>The length of the whole way.</summary>
    public double Distance { get; }

    /// <summary>The time of each row.</summary>
    public double[] Times { get; }

    /// <summary>The rows that have not arrived.</summary>
    public bool[] Active { get; }

    /// <summary>The step that each row tries, with its sign; 0 for rows that have arrived.</summary>
    public double[] Lengths { get; }

    /// <summary>The rows whose last step was accepted.</summary>
    public bool[] Accepted { get; }

    /// <summary>The rows whose last step went past the end, or ended there.</summary>
    public bool[] Passed { get; }

    /// <summary>Where in the step of such a row the end lies, in [0, 1].</summary>
    public double[] Shares { get; }

    public bool AnyActive => Active.Contains(true);

    public double[] TimesAt(double node)
        // The end of a clipped step is the end to the last digit.
        => [.. Times.Select((time, row) => node == 1 && Lengths[row] == _end - time ? _end : time + node * Lengths[row])];

    /// <summary>Sets the first steps.</summary>
    public void Begin(double[] sizes) => sizes.CopyTo(_sizes, 0);

    /// <summary>Sets out for the next step of each row.</summary>
    public void Prepare(StepControl control, IRowOde ode)
    {
        for (int row = 0; row < Times.Length; row++)
        {
            Lengths[row] = 0;
            if (!Active[row])
                continue;
            double time = Times[row];
            // What rounding in times leaves of a shorter step is nothing.
            double least = 10 * Math.Abs((Direction > 0 ? Math.BitIncrement(time) : Math.BitDecrement(time)) - time);
            if (_rejected[row] && _sizes[row] < least)
                throw new InvalidOperationException($"The integration needs steps below {least:g2} at level {ode.LevelAt(time)}: the tolerances are too tight for the precision of the denoiser, or it is not smooth there.");
            double size = Math.Max(_sizes[row], least);
            Lengths[row] = control.StopsAtEnd && Direction * (time + Direction * size - _end) > 0 ? _end - time : Direction * size;
            _sizes[row] = Math.Abs(Lengths[row]);
        }
    }

    /// <summary>Accepts or rejects the step of each row, and sizes the next.</summary>
    public void Judge(StepControl control, double[] errors, IRowOde ode)
    {
        for (int row = 0; row < Times.Length; row++)
        {
            Accepted[row] = Passed[row] = false;
            if (!Active[row])
                continue;
            if (!double.IsFinite(errors[row]))
                throw new InvalidOperationException($"The state overflows at level {ode.LevelAt(Times[row])}.");
            (Accepted[row], double factor) = control.Judge(errors[row], _rejected[row]);
            _rejected[row] = !Accepted[row];
            _sizes[row] *= factor;
            if (Accepted[row])
                Advance(control, row);
        }
    }

    private void Advance(StepControl control, int row)
    {
        double before = Times[row], after = TimesAt(1)[row];
        Times[row] = after;
        if (Direction * (after - _end) < 0)
            return;
        Active[row] = false;
        Passed[row] = !control.StopsAtEnd;
        Shares[row] = (_end - before) / (after - before);
    }
}
