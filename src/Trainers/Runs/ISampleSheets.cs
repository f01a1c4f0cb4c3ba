namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Draws samples as a run goes.</summary>
internal interface ISampleSheets
{
    /// <summary>The number of steps from sheet to sheet.</summary>
    int Every { get; }

    /// <summary>Writes the sheet of a step, of the network with its weights as they are.</summary>
    /// <param name="step">The number of the step.</param>
    /// <exception cref="IOException">The folder can not be written to.</exception>
    void Write(long step);
}
