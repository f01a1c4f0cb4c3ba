namespace Microsoft.ML.Diffusion;

/// <summary>How a plan is written as text.</summary>
public sealed class PlanTextOptions
{
    /// <summary>What stands in front of the first line, such as the solver's name; nothing unless set.</summary>
    public string? Title { get; set; }

    /// <summary>The most lines of the table, and of the instructions; the middle of longer ones is left out. 24 unless set; at least 2.</summary>
    public int MaxLines { get; set; } = 24;

    /// <summary>Whether the instructions with their coefficients follow the table; true unless set.</summary>
    public bool Instructions { get; set; } = true;
}
